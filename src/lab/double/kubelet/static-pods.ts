import { list, read } from '../host/files.ts';
import { MANIFESTS_DIR } from '../host/paths.ts';
import { stamp } from '../host/text.ts';
import { readYaml } from '../host/yaml.ts';
import { ApiError, type Client } from '../kube/client.ts';
import type { KubeObject } from '../kube/types.ts';
import { idOf } from './pods.ts';

/** A manifest of /etc/kubernetes/manifests, with the flags of its command taken apart. */
export interface StaticPod {
  readonly pod: KubeObject;
  readonly flags: ReadonlyMap<string, string>;
  /** The text, to see that it changed. */
  readonly text: string;
}

export function readStaticPods(): Map<string, StaticPod> {
  const found = new Map<string, StaticPod>();
  for (const file of list(MANIFESTS_DIR).filter((name) => /\.ya?ml$/.test(name) && !name.startsWith('.'))) {
    const text = read(`${MANIFESTS_DIR}/${file}`) ?? '';
    const pod = readYaml(text)[0] as KubeObject | undefined;
    if (pod?.metadata?.name === undefined) continue;
    const words = pod.spec?.containers?.[0]?.command ?? [];
    const pairs = words.flatMap((word) => {
      const [, key = '', value = ''] = /^--([^=]+)=([\s\S]*)$/.exec(word) ?? [];
      return key === '' ? [] : [[key, value] as const];
    });
    found.set(pod.metadata.name, { pod, flags: new Map(pairs), text });
  }
  return found;
}

/** Shows the static pods to the API as mirror pods, and takes those away that are gone. */
export async function mirror(
  client: Client,
  node: KubeObject,
  pods: readonly StaticPod[],
  address: string,
): Promise<KubeObject[]> {
  const { name } = node.metadata;
  const { items } = await client.list(
    `/api/v1/namespaces/kube-system/pods?fieldSelector=${encodeURIComponent(`spec.nodeName=${name}`)}`,
  );
  const mirrors = items.filter(
    (pod) => pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined,
  );
  const shown: KubeObject[] = [];
  for (const { pod, text } of pods) {
    const hash = idOf(text).slice(0, 32);
    const named = `${pod.metadata.name}-${name}`;
    const existing = mirrors.find((m) => m.metadata.name === named);
    if (existing?.metadata.annotations?.['kubernetes.io/config.mirror'] === hash) {
      shown.push(existing);
      continue;
    }
    const path = `/api/v1/namespaces/kube-system/pods`;
    if (existing !== undefined) await client.raw('DELETE', `${path}/${named}`);
    shown.push(await client.call('POST', path, mirrorPod(pod, node, [named, hash, address])));
  }
  for (const gone of mirrors.filter((m) => !shown.some((s) => s.metadata.name === m.metadata.name))) {
    await client.raw('DELETE', `/api/v1/namespaces/kube-system/pods/${gone.metadata.name}`);
  }
  return shown;
}

function mirrorPod(
  pod: KubeObject,
  node: KubeObject,
  [name, hash, address]: [string, string, string],
): KubeObject {
  const { metadata } = pod;
  const annotations = {
    ...metadata.annotations,
    'kubernetes.io/config.hash': hash,
    'kubernetes.io/config.mirror': hash,
    'kubernetes.io/config.source': 'file',
  };
  const owner = {
    apiVersion: 'v1',
    kind: 'Node',
    name: node.metadata.name,
    uid: node.metadata.uid ?? '',
    controller: true,
  };
  const startedAt = stamp();
  const condition = (type: string): { type: string; status: string; lastTransitionTime: string } => ({
    type,
    status: 'True',
    lastTransitionTime: startedAt,
  });
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, name, namespace: 'kube-system', annotations, ownerReferences: [owner] },
    spec: { ...pod.spec, nodeName: node.metadata.name, hostNetwork: true },
    status: {
      phase: 'Running',
      hostIP: address,
      podIP: address,
      startTime: startedAt,
      conditions: ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map(condition),
      containerStatuses: (pod.spec?.containers ?? []).map((c) => ({
        name: c.name,
        ready: true,
        started: true,
        restartCount: 0,
        image: c.image ?? '',
        state: { running: { startedAt } },
      })),
    },
  };
}

export function gone(error: unknown): boolean {
  return error instanceof ApiError && error.status.code === 404;
}
