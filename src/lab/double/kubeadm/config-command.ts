import { Exit } from '../host/exit.ts';
import { parseFlags, type FlagSpec } from '../host/flags.ts';
import { write } from '../host/files.ts';
import { identity, minorOf } from '../host/identity.ts';
import { writeYaml } from '../host/yaml.ts';
import { ensureImage } from '../runtime/images.ts';
import { checkInit, checkJoin } from './config-check.ts';
import { apiVersions, readCluster, readDocuments, readInit, readJoin } from './config-read.ts';
import { PRINT_TIMEOUTS } from './config-schema.ts';
import { initSettings } from './init-settings.ts';
import { say } from './output.ts';
import { chooseSocket } from './socket.ts';
import { clusterConfiguration } from './upload.ts';
import { imageList } from './versions.ts';

const FLAGS: FlagSpec = {
  config: 'text',
  'allow-experimental-api': 'bool',
  'component-configs': 'list',
  'cri-socket': 'text',
  'feature-gates': 'text',
  'image-repository': 'text',
  'kubernetes-version': 'text',
  'new-config': 'text',
  'old-config': 'text',
  output: 'text',
  kubeconfig: 'text',
  v: 'text',
};

function validate(path: string | undefined): void {
  if (path === undefined) throw new Exit('the --config flag is mandatory');
  const documents = readDocuments(path, true);
  const ours = documents.filter((d) => d.apiVersion.startsWith('kubeadm.k8s.io/'));
  if (ours.length === 0) throw new Exit('no kubeadm configuration found');
  const has = (kind: string): boolean => ours.some((d) => d.kind === kind);
  if (has('InitConfiguration') || has('ClusterConfiguration')) checkInit(readInit(documents));
  if (has('JoinConfiguration')) checkJoin(readJoin(documents));
  say('ok');
}

function defaultsOf(kind: 'init' | 'join' | 'reset'): object[] {
  const apiVersion = `kubeadm.k8s.io/${apiVersions(minorOf(identity().version))[0]}`;
  const node = {
    criSocket: 'unix:///var/run/containerd/containerd.sock',
    imagePullPolicy: 'IfNotPresent',
    name: 'node',
    taints: null,
  };
  const timeouts = apiVersion.endsWith('v1beta4') ? { timeouts: PRINT_TIMEOUTS } : {};
  if (kind === 'reset') return [{ apiVersion, kind: 'ResetConfiguration', ...timeouts }];
  if (kind === 'join') {
    const bootstrapToken = {
      apiServerEndpoint: 'kube-apiserver:6443',
      token: 'abcdef.0123456789abcdef',
      unsafeSkipCAVerification: true,
    };
    const discovery = { bootstrapToken, tlsBootstrapToken: 'abcdef.0123456789abcdef' };
    const caCertPath = '/etc/kubernetes/pki/ca.crt';
    return [
      { apiVersion, kind: 'JoinConfiguration', caCertPath, discovery, nodeRegistration: node, ...timeouts },
    ];
  }
  const token = {
    groups: ['system:bootstrappers:kubeadm:default-node-token'],
    token: 'abcdef.0123456789abcdef',
    ttl: '24h0m0s',
    usages: ['signing', 'authentication'],
  };
  const localAPIEndpoint = { advertiseAddress: '1.2.3.4', bindPort: 6443 };
  const init = {
    apiVersion,
    kind: 'InitConfiguration',
    bootstrapTokens: [token],
    localAPIEndpoint,
    nodeRegistration: node,
    ...timeouts,
  };
  const cluster = { ...readCluster([]), kubernetesVersion: `v1.${minorOf(identity().version)}.0` };
  return [init, clusterConfiguration(cluster)];
}

function images(argv: readonly string[], pull: boolean): void {
  const settings = initSettings(parseFlags(argv, FLAGS));
  const list = imageList(settings.cluster);
  const flags = parseFlags(argv, FLAGS, { o: 'output' });
  if (!pull) {
    if (flags.text('output') === 'json')
      return say(
        JSON.stringify(
          { kind: 'Images', apiVersion: 'output.kubeadm.k8s.io/v1alpha3', images: list },
          undefined,
          4,
        ),
      );
    return say(list.join('\n'));
  }
  const socket = chooseSocket(settings.node.criSocket);
  for (const image of list) {
    const problem = ensureImage(socket, image);
    if (problem !== undefined) throw new Exit(`failed to pull image "${image}": ${problem}`);
    say(`[config/images] Pulled ${image}`);
  }
}

function migrate(from: string | undefined, to: string | undefined): void {
  if (from === undefined) throw new Exit('the --old-config flag is mandatory');
  const documents = readDocuments(from);
  const settings = readInit(documents);
  const text = [clusterConfiguration(settings.cluster)].map(writeYaml).join('---\n');
  if (to === undefined) process.stdout.write(text);
  else write(to, text);
}

/** `kubeadm config validate|print|images|migrate`. */
export function config(argv: readonly string[]): void {
  const flags = parseFlags(argv, FLAGS, { o: 'output' });
  const [command, part] = flags.args;
  if (command === 'validate') return validate(flags.text('config'));
  if (command === 'migrate') return migrate(flags.text('old-config'), flags.text('new-config'));
  if (command === 'images') {
    if (part !== 'list' && part !== 'pull')
      throw new Exit('missing subcommand; "images" is not meant to be run on its own');
    return images(argv, part === 'pull');
  }
  if (command === 'print') {
    const kind = part === 'join-defaults' ? 'join' : part === 'reset-defaults' ? 'reset' : 'init';
    if (part === undefined) throw new Exit('missing subcommand; "print" is not meant to be run on its own');
    return void process.stdout.write(defaultsOf(kind).map(writeYaml).join('---\n'));
  }
  throw new Exit(
    command === undefined
      ? 'missing subcommand; "config" is not meant to be run on its own'
      : `invalid subcommand "${command}"`,
  );
}
