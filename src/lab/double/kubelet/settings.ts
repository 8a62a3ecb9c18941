import { read } from '../host/files.ts';
import { parseFlags, type FlagSpec } from '../host/flags.ts';
import { KUBELET_DIR } from '../host/paths.ts';
import { readYaml } from '../host/yaml.ts';

/** What the kubelet is told: flags, the two environment files of its unit, its configuration file. */
export interface Settings {
  readonly config: string;
  readonly kubeconfig: string;
  readonly bootstrapKubeconfig: string;
  readonly hostnameOverride: string | undefined;
  readonly nodeIp: string | undefined;
  readonly socket: string | undefined;
  readonly nodeLabels: Readonly<Record<string, string>>;
  readonly registerTaints: string | undefined;
  readonly failSwapOn: boolean | undefined;
}

const FLAGS: FlagSpec = Object.fromEntries(
  [
    [
      'config',
      'kubeconfig',
      'bootstrap-kubeconfig',
      'hostname-override',
      'node-ip',
      'container-runtime-endpoint',
    ],
    [
      'node-labels',
      'register-with-taints',
      'fail-swap-on',
      'pod-infra-container-image',
      'cgroup-driver',
      'v',
    ],
    [
      'volume-plugin-dir',
      'rotate-certificates',
      'cert-dir',
      'root-dir',
      'container-runtime',
      'cloud-provider',
    ],
  ]
    .flat()
    .map((name) => [name, 'text']),
);

/** `KEY="--a=b --c"` -> [`--a=b`, `--c`]. */
function fromEnvironmentFile(path: string, key: string): string[] {
  const line = (read(path) ?? '').split('\n').find((l) => l.startsWith(`${key}=`));
  return (line?.slice(key.length + 1).replace(/^"|"$/g, '') ?? '').split(/\s+/).filter((word) => word !== '');
}

/** Flags that this double does not know are passed over: there are hundreds. */
function known(words: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const [name = '', inline] = (words[i] ?? '').replace(/^--?/, '').split('=', 2);
    if (name in FLAGS) kept.push(words[i] ?? '', ...(inline === undefined ? [words[++i] ?? ''] : []));
    else if (inline === undefined && words[i + 1] !== undefined && !words[i + 1]?.startsWith('-')) i++;
  }
  return kept;
}

export function readSettings(argv: readonly string[]): Settings {
  const files = [
    ...fromEnvironmentFile(`${KUBELET_DIR}/kubeadm-flags.env`, 'KUBELET_KUBEADM_ARGS'),
    ...fromEnvironmentFile('/etc/default/kubelet', 'KUBELET_EXTRA_ARGS'),
  ];
  const flags = parseFlags(known([...files, ...argv]), FLAGS);
  const labels = (flags.text('node-labels') ?? '').split(',').filter((pair) => pair.includes('='));
  return {
    config: flags.text('config') ?? `${KUBELET_DIR}/config.yaml`,
    kubeconfig: flags.text('kubeconfig') ?? '/etc/kubernetes/kubelet.conf',
    bootstrapKubeconfig: flags.text('bootstrap-kubeconfig') ?? '/etc/kubernetes/bootstrap-kubelet.conf',
    hostnameOverride: flags.text('hostname-override'),
    nodeIp: flags.text('node-ip'),
    socket: flags.text('container-runtime-endpoint'),
    nodeLabels: Object.fromEntries(labels.map((pair) => pair.split('=') as [string, string])),
    registerTaints: flags.text('register-with-taints'),
    failSwapOn: flags.text('fail-swap-on') === undefined ? undefined : flags.text('fail-swap-on') !== 'false',
  };
}

export interface KubeletConfiguration {
  failSwapOn?: boolean;
  staticPodPath?: string;
  containerRuntimeEndpoint?: string;
  clusterDNS?: string[];
  registerWithTaints?: { key: string; value?: string; effect: string }[];
  [field: string]: unknown;
}

/** The configuration file; undefined where there is none. */
export function readConfiguration(path: string): KubeletConfiguration | undefined {
  const text = read(path);
  return text === undefined ? undefined : ((readYaml(text)[0] ?? {}) as KubeletConfiguration);
}
