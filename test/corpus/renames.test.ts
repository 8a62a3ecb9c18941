import { expect, test } from 'vitest';
import type { Problems } from '../../src/base/errors.ts';
import type { PlanOptions } from '../../src/plan/plan.ts';
import { namesIn, type Rename, renamesIn } from './renames.ts';
import { PLAYBOOKS, shippedCopy } from './shipped-copy.ts';

const copy = shippedCopy();

const OPTIONAL = {
  extra_packages: ['curl'],
  node_taints: [{ key: 'a', effect: 'NoSchedule' }],
  node_labels: { a: 'b' },
  control_plane_endpoint: 'a:6443',
  apiserver_cert_sans: ['a'],
  kubelet_extra_args: { a: 'b' },
  kubeadm_extra_init: { a: 'b' },
  kubeadm_extra_cluster: { a: 'b' },
  kubelet_config: { a: 'b' },
  kube_proxy_config: { a: 'b' },
  registry_mirrors: [{ registry: 'docker.io', mirrors: ['https://a'] }],
  image_tars: ['a.tar'],
  kubeconfig_fetch_to: 'admin.conf',
  kubeconfig_fetch_server: 'https://a:6443',
  reset_drain: true,
  slipway_lab: true,
  registry_users: [{ name: 'ci', password: 'secret' }],
  registry_images: [{ name: 'a:1', src: 'a.tar', as: 'b:1' }, { name: 'c:1' }],
  registry_settings: { proxy: { remoteurl: 'https://a' } },
  registry_alt_names: ['a'],
  docker_users: ['ada'],
  docker_images: [
    { name: 'a:1', src: 'a.tar', repository: 'b:1', save: '/srv/a.tar' },
    { name: 'c:1', build: 'app' },
    { name: 'd:1' },
  ],
  docker_containers: [{ name: 'a', image: 'a:1' }],
};

const untainted = { ...OPTIONAL, control_plane_taint: false };

/** Clusters of different kinds: what one of them skips, another one reaches. The first two reach most. */
const CLUSTERS: readonly Partial<PlanOptions>[] = [
  {},
  { check: true, extraVars: { ...OPTIONAL, container_runtime: 'docker' } },
  { check: true, extraVars: { ...untainted, registry_image_tar: 'a.tar', bundle: '/no/such/bundle' } },
  {
    extraVars: {
      ...OPTIONAL,
      kubernetes_version: '1.30.2',
      kubernetes_repository_key: '/no/such.key',
      pod_cidr: '10.244.0.0/16,fd00:10:244::/56',
      service_cidr: '10.96.0.0/16,fd00:10:96::/112',
      node_ip_second: 'fd00::2',
    },
  },
  {
    extraVars: { ...untainted, kubernetes_version: '1.30.2', registry_tls: false, docker_daemon: { a: 'b' } },
  },
];

/** Places where a name may be missing; each with the text before the name. */
const MAY_BE_MISSING: readonly (readonly [string, RegExp])[] = [
  ['it has a default, or is asked for', /\b(?:default |defined |has\()[\w.]*$/],
  ['a block may be without a field', /\{\{#(?:if|unless|each|with) \w+\.[\w.]*$/],
  ['a title is only shown', /^\s*- name: .*$/],
  ['every inventory gives node_ip, so that this is not read', /^node_ip(?:_second)?: "\{\{.*$/],
  ['what stands in for node_ip is not read, either', /\(default node\.node_ip \(ternary .*$/],
  ['what stands in for a group is not read', /\(default groups\.control_plane\.\[0\] (?:groups\.)?$/],
  ['what stands in for the address of the registry is not read', /\(default registry_vars\.ansible_host $/],
  ['all that is asked of the node has a default', /\(lookup @root\.hostvars host\) as \|$/],
];

/** Docker itself says what its settings are called; the module puts back what it refuses. */
const OF_DOCKER = /\ndocker_daemon:\n(?: {2}.*\n)* {2}$/;

function mayBeMissing({ kind, at }: Rename, text: string): boolean {
  if (kind === 'parameter') return OF_DOCKER.test(text.slice(0, at));
  if (kind !== 'variable' && kind !== 'field') return false;
  const before = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
  return MAY_BE_MISSING.some(([, pattern]) => pattern.test(before));
}

const said = ({ errors, warnings }: Problems) =>
  [...errors, ...warnings].map(
    ({ code, message, span }) => `${code} ${message} ${span?.source.path}:${span?.start}`,
  );

/** `SLIPWAY_RENAMES=1` takes all, which needs minutes; else one of eleven. */
const STEP = Number(process.env['SLIPWAY_RENAMES'] ?? 11);

test('a name that is written wrong anywhere in the shipped files is found before anything is connected', async () => {
  const read = (file: string) => copy().read(file);
  const names = namesIn(
    copy()
      .files(/^(playbooks|inventory).*\.(yml|ini)$/)
      .map(read),
  );
  const files = copy().files(/^(playbooks|templates).*\.(yml|hbs)$/);
  const all = files.flatMap((file) => renamesIn(file, read(file), names));
  expect(new Set(all.map(({ kind }) => kind)).size).toBe(7);
  const inventory = 'inventory/example.ini';
  const before = new Map<unknown, ReadonlySet<string>>();
  for (const given of CLUSTERS)
    before.set(given, new Set(said(await copy().with(inventory, read(inventory), PLAYBOOKS, given))));
  const isFound = async ({ file, at, name }: Rename) => {
    const text = read(file);
    const changed = `${text.slice(0, at + name.length)}qq${text.slice(at + name.length)}`;
    for (const given of CLUSTERS) {
      const found = said(await copy().with(file, changed, PLAYBOOKS, given));
      // Behind the changed place everything stands two characters further on.
      const moved = (line: string) => line.replace(/:(\d+)$/, (_, start: string) => `:${Number(start) - 2}`);
      if (found.some((line) => !before.get(given)!.has(line) && !before.get(given)!.has(moved(line))))
        return true;
    }
    return false;
  };
  const missed: string[] = [];
  for (const rename of all.filter((_, index) => index % STEP === 0)) {
    const text = read(rename.file);
    if (mayBeMissing(rename, text) || (await isFound(rename))) continue;
    const { kind, file, line, name } = rename;
    missed.push(`${kind} ${file}:${line} ${name}: ${text.split('\n')[line - 1]!.trim()}`);
  }
  expect(missed).toEqual([]);
}, 600_000);
