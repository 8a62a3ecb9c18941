import { versionInfo } from '../api/discovery.ts';
import { messageOf } from '../host/exit.ts';
import { parseFlags } from '../host/flags.ts';
import { identity, NOTICE } from '../host/identity.ts';
import { writeYaml } from '../host/yaml.ts';
import { lastWords, say } from './output.ts';

const HELP = `kubeadm: bootstraps a cluster. ${NOTICE}.

Usage:
  kubeadm [command]

Available Commands:
  config      validate, print, images, migrate
  init        set up the control plane
  join        join an existing cluster
  reset       revert what init or join did to this host
  token       create, list, delete and generate bootstrap tokens
  version     print the version
`;

function version(argv: readonly string[]): void {
  const { version } = identity();
  const form = parseFlags(argv, { output: 'text', v: 'text' }, { o: 'output' }).text('output');
  process.stderr.write(`${NOTICE}\n`);
  if (form === 'short') return say(`v${version}`);
  const info = versionInfo(version);
  if (form === 'json') return say(JSON.stringify({ clientVersion: info }, undefined, 2));
  if (form === 'yaml') return say(writeYaml({ clientVersion: info }));
  const fields = [
    'Major',
    'Minor',
    'GitVersion',
    'GitCommit',
    'GitTreeState',
    'BuildDate',
    'GoVersion',
    'Compiler',
    'Platform',
  ];
  const shown = fields
    .map((name) => `${name}:"${info[(name[0] ?? '').toLowerCase() + name.slice(1)]}"`)
    .join(', ');
  say(`kubeadm version: &version.Info{${shown}}`);
}

async function command(name: string | undefined, rest: readonly string[]): Promise<void> {
  switch (name) {
    case 'init':
      return (await import('./init.ts')).init(rest);
    case 'join':
      return (await import('./join.ts')).join(rest);
    case 'reset':
      return (await import('./reset.ts')).reset(rest);
    case 'token':
      return (await import('./token-command.ts')).token(rest);
    case 'config':
      return (await import('./config-command.ts')).config(rest);
    case 'version':
      return version(rest);
    case undefined:
    case 'help':
    case '--help':
    case '-h':
      return void process.stdout.write(HELP);
    default:
      throw new Error(`unknown command "${name}" for "kubeadm"`);
  }
}

/** kubeadm. Exit code 1 for every failure, with the real one's last words. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    await command(argv[0], argv.slice(1));
    return 0;
  } catch (error) {
    process.stderr.write(lastWords(messageOf(error)));
    return 1;
  }
}
