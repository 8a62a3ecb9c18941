import { isIP } from 'node:net';
import { Exit } from '../host/exit.ts';
import { identity, minorOf } from '../host/identity.ts';
import { isRange, TOKEN } from './config-read.ts';
import type { ClusterSettings, InitSettings, JoinSettings, NodeSettings } from './config-types.ts';

/** Several problems of one configuration, the way Go aggregates them. */
function refuse(problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new Exit(problems.length === 1 ? (problems[0] ?? '') : `[${problems.join(', ')}]`);
}

function nodeProblems(node: NodeSettings): string[] {
  const problems: string[] = [];
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(node.name)) {
    const rule =
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'";
    problems.push(`nodeRegistration.name: Invalid value: "${node.name}": ${rule}`);
  }
  if (isIP(node.advertiseAddress) === 0) {
    problems.push(
      `localAPIEndpoint: Invalid value: "${node.advertiseAddress}": couldn't use "${node.advertiseAddress}" as "apiserver-advertise-address", must be ipv4 or ipv6 address`,
    );
  }
  if (node.criSocket !== undefined && !/^unix:\/\/\/|^\//.test(node.criSocket)) {
    problems.push(
      `nodeRegistration.criSocket: Invalid value: "${node.criSocket}": only URL scheme "unix" is supported, got "${node.criSocket.split(':')[0]}"`,
    );
  }
  return problems;
}

function clusterProblems(cluster: ClusterSettings): string[] {
  const problems: string[] = [];
  for (const [field, value] of [
    ['networking.podSubnet', cluster.podSubnet],
    ['networking.serviceSubnet', cluster.serviceSubnet],
  ] as const) {
    for (const range of value?.split(',') ?? []) {
      if (!isRange(range))
        problems.push(
          `${field}: Invalid value: "${value}": couldn't parse subnet: invalid CIDR address: ${range}`,
        );
    }
  }
  for (const name of cluster.certSANs) {
    if (isIP(name) === 0 && !/^(?:\*\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name)) {
      problems.push(
        `apiServer.certSANs: Invalid value: "${name}": altname is not a valid IP address, DNS label or a DNS label with subdomain wildcards`,
      );
    }
  }
  return problems;
}

/** The version that is asked for: parsed, and not too old for this kubeadm. */
function checkSkew(version: string): void {
  if (!/^v\d+\.\d+\.\d+/.test(version)) {
    throw new Exit(
      `version "${version}" doesn't match patterns for neither semantic version nor labels (stable, latest, ...)`,
    );
  }
  const own = minorOf(identity().version);
  if (minorOf(version) < own - 1) {
    throw new Exit(
      `this version of kubeadm only supports deploying clusters with the control plane version >= 1.${own - 1}.0. Current version: ${version}`,
    );
  }
}

/** Throws on what the real kubeadm would not accept. */
export function checkInit(settings: InitSettings): void {
  checkSkew(settings.cluster.kubernetesVersion);
  const tokens = settings.tokens.filter((t) => !TOKEN.test(t.token));
  const wrong = tokens.map(
    (t) =>
      `bootstrapTokens: Invalid value: "${t.token}": the bootstrap token "${t.token}" was not of the form "\\A([a-z0-9]{6})\\.([a-z0-9]{16})\\z"`,
  );
  const key = settings.certificateKey;
  const badKey =
    key !== undefined && !/^[0-9a-f]{64}$/.test(key)
      ? [`certificateKey: Invalid value: "${key}": certificate key is not a hex encoded 32 byte key`]
      : [];
  refuse([...nodeProblems(settings.node), ...clusterProblems(settings.cluster), ...wrong, ...badKey]);
}

export function checkJoin(settings: JoinSettings): void {
  const problems = nodeProblems(settings.node);
  if (settings.discoveryFile === undefined) {
    if (settings.endpoint === undefined) {
      problems.unshift('discovery: Invalid value: "": bootstrapToken or file must be set');
    } else {
      const token = settings.discoveryToken ?? '';
      if (!TOKEN.test(token)) {
        problems.push(
          `discovery.bootstrapToken.token: Invalid value: "${token}": the bootstrap token is invalid`,
        );
      }
      if (settings.hashes.length === 0 && !settings.skipVerification) {
        problems.push(
          'discovery.bootstrapToken.caCertHashes: Invalid value: "": using token-based discovery without caCertHashes can be unsafe. Set unsafeSkipCAVerification as true in your kubeadm config file or pass --discovery-token-unsafe-skip-ca-verification flag to continue',
        );
      }
      if (!/^(?:\[[^\]]+\]|[^:]+):\d+$/.test(settings.endpoint)) {
        problems.push(
          `discovery.bootstrapToken.apiServerEndpoint: Invalid value: "${settings.endpoint}": address ${settings.endpoint}: missing port in address`,
        );
      }
    }
  }
  refuse(problems);
  const bad = settings.hashes.find((hash) => !/^sha256:[0-9a-f]{64}$/i.test(hash));
  if (bad !== undefined)
    throw new Exit(
      `invalid discovery token CA certificate hash: invalid hash "${bad}", expected "format:hex-value". Known format(s) are: sha256`,
    );
}
