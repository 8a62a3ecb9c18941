/** Trees of the machine that a bare host does not have, relative to /. */
export const HIDDEN = [
  'root',
  'home',
  '.dockerenv',
  'etc/kubernetes',
  'etc/cni',
  'etc/containerd',
  'etc/docker',
  'opt/cni',
  'opt/containerd',
  'var/lib/kubelet',
  'var/lib/etcd',
  'var/lib/cni',
  'var/lib/containerd',
  'var/lib/docker',
  'etc/slipway-lab',
  ...['docker', 'dockerd', 'containerd', 'ctr', 'crictl', 'kubectl', 'kubeadm', 'kubelet', 'minikube'].map(
    (name) => `usr/local/bin/${name}`,
  ),
];

/** What bootstraps a cluster must not be there before it: removed from the host's dpkg database with their files. */
const BARE_OF = [
  'kubeadm',
  'kubelet',
  'kubectl',
  'kubernetes-cni',
  'kubernetes-client',
  'cri-tools',
  'containerd',
  'containerd.io',
  'docker.io',
  'docker-cli',
  'docker-ce',
  'docker-ce-cli',
  'cri-dockerd',
  'cri-o',
  'minikube',
];

interface Installed {
  readonly name: string;
  readonly needs: readonly (readonly string[])[];
  readonly provides: readonly string[];
}

/**
 * The packages that a lab host forgets: those above, and all that cannot stay without them, so that apt finds no
 * broken dependency. Reads dpkg's status file.
 */
export function toForget(status: string, more: readonly string[] = []): string[] {
  const installed = status.split('\n\n').flatMap(parse);
  const gone = new Set(
    installed.map((one) => one.name).filter((name) => BARE_OF.includes(name) || more.includes(name)),
  );
  for (let before = -1; before !== gone.size; ) {
    before = gone.size;
    const left = new Set<string>();
    for (const one of installed)
      if (!gone.has(one.name)) for (const name of [one.name, ...one.provides]) left.add(name);
    const there = new Set(installed.flatMap((one) => [one.name, ...one.provides]));
    for (const one of installed) {
      // A dependency that was never met (dpkg was forced) is not ours to care about.
      const lost = (group: readonly string[]) =>
        group.some((name) => there.has(name)) && !group.some((name) => left.has(name));
      if (!gone.has(one.name) && one.needs.some(lost)) gone.add(one.name);
    }
  }
  return [...gone].sort();
}

function parse(paragraph: string): Installed[] {
  const field = (name: string) => new RegExp(`^${name}: *(.*)$`, 'm').exec(paragraph)?.[1] ?? '';
  const name = field('Package');
  if (name === '' || !/\binstalled\b/.test(field('Status'))) return [];
  const bare = (text: string) => text.trim().replace(/[\s:(].*$/, '');
  const list = (text: string) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean);
  const needs = [...list(field('Depends')), ...list(field('Pre-Depends'))].map((part) =>
    part.split('|').map(bare),
  );
  return [{ name, needs, provides: list(field('Provides')).map(bare) }];
}
