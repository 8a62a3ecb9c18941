import { Exit, messageOf } from '../host/exit.ts';
import { type FlagSpec, type Parsed, parseFlags } from '../host/flags.ts';
import { BUILD_TAG, identity, NOTICE } from '../host/identity.ts';
import { inspectImages, listImages, loadImages, removeImages, tagImage } from './docker-images.ts';
import { format } from './go-template.ts';
import { images } from './images.ts';
import { dial, DOCKER_SOCKET, dockerState } from './sockets.ts';

const FLAGS: FlagSpec = {
  force: 'bool',
  format: 'text',
  input: 'text',
  'no-trunc': 'bool',
  quiet: 'bool',
  version: 'bool',
};
const ALIAS = { f: 'format', i: 'input', q: 'quiet', v: 'version' };

/** `-f` is the format everywhere but where something is removed. */
function flagsOf(argv: readonly string[]): Parsed {
  const removes = argv.includes('rmi') || argv.includes('rm') || argv.includes('remove');
  return parseFlags(argv, FLAGS, removes ? { ...ALIAS, f: 'force' } : ALIAS);
}

/** Why the daemon cannot be asked, as the real command words it. */
async function unreachable(): Promise<string | undefined> {
  const why = await dial(DOCKER_SOCKET);
  if (why === undefined) return undefined;
  return why === 'permission denied'
    ? `permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: dial unix /var/run/docker.sock: connect: ${why}`
    : 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?';
}

const client = (): object => ({ Version: `${identity().version}${BUILD_TAG}`, Os: 'linux' });

/** The client's part is printed even where the daemon is not there. */
function version(flags: Parsed, problem: string | undefined): void {
  const server = { Version: `${dockerState()?.version ?? identity().version}${BUILD_TAG}`, Os: 'linux' };
  const all = { Client: client(), Server: problem === undefined ? server : null };
  const template = flags.text('format');
  if (template !== undefined) process.stdout.write(`${format(template, all)}\n`);
  else {
    process.stdout.write(`Client: (${NOTICE})\n Version:           ${identity().version}${BUILD_TAG}\n`);
    if (problem === undefined)
      process.stdout.write(
        `\nServer: (simulated)\n Engine:\n  Version:          ${server.Version}\n  OS/Arch:          linux\n`,
      );
  }
  if (problem !== undefined) throw new Exit(problem);
}

function info(flags: Parsed, problem: string | undefined): void {
  if (problem !== undefined) throw new Exit(`ERROR: ${problem}\nerrors pretty printing info`);
  const state = dockerState();
  const all = {
    ServerVersion: `${state?.version ?? identity().version}${BUILD_TAG}`,
    Driver: state?.storageDriver ?? 'overlay2',
    CgroupDriver: state?.cgroupDriver ?? 'systemd',
    CgroupVersion: '2',
    Containers: 0,
    Images: new Set(images('docker').map(({ id }) => id)).size,
    DriverStatus: [['Backing Filesystem', 'extfs']],
    DockerRootDir: '/var/lib/docker',
    OSType: 'linux',
  };
  const template = flags.text('format');
  if (template !== undefined) return void process.stdout.write(`${format(template, all)}\n`);
  process.stdout.write(`Server: (${NOTICE})
 Containers: ${all.Containers}
 Images: ${all.Images}
 Server Version: ${all.ServerVersion}
 Storage Driver: ${all.Driver}
 Cgroup Driver: ${all.CgroupDriver}
 Cgroup Version: ${all.CgroupVersion}
 Docker Root Dir: ${all.DockerRootDir}
`);
}

type Command = (flags: Parsed, args: readonly string[]) => number | void;

/** By their short form; `docker image X` is the same command. */
const COMMANDS: Readonly<Record<string, Command>> = {
  images: listImages,
  load: (flags) => loadImages(flags.text('input')),
  tag: (_, args) => tagImage(args),
  rmi: removeImages,
};

const OF_IMAGE: Readonly<Record<string, Command>> = {
  ls: listImages,
  list: listImages,
  inspect: inspectImages,
  load: COMMANDS['load']!,
  tag: COMMANDS['tag']!,
  rm: removeImages,
  remove: removeImages,
};

async function command(flags: Parsed): Promise<number> {
  const [name = '', verb = '', ...rest] = flags.args;
  if (name === 'version') return version(flags, await unreachable()) ?? 0;
  if (name === 'info') return info(flags, await unreachable()) ?? 0;
  const ofImage = name === 'image';
  const found = ofImage ? OF_IMAGE[verb] : COMMANDS[name];
  if (found === undefined) {
    const words = ofImage ? `image ${verb}` : name;
    throw new Exit(`docker: '${words}' is not a command of the lab's Docker (${NOTICE})`);
  }
  const problem = await unreachable();
  if (problem !== undefined) throw new Exit(problem);
  return found(flags, ofImage ? rest : flags.args.slice(1)) ?? 0;
}

/** docker: the images of the dockerd double, and whether it is there. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const flags = flagsOf(argv);
    if (flags.bool('version')) {
      process.stdout.write(`Docker version ${identity().version}${BUILD_TAG}, build 0000000\n`);
      return 0;
    }
    return await command(flags);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    return error instanceof Exit ? error.code : 1;
  }
}
