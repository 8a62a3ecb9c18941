import { sameHash } from './ca-hash.ts';
import type { NodeFacts } from './node-probe.ts';

export type Role = 'worker' | 'control_plane';

/** What a host is to the cluster that it should join. */
export type Joined =
  | { readonly is: 'absent' }
  | { readonly is: 'complete'; readonly note: string }
  /** A join that did not finish; `missing` says what is not there. */
  | { readonly is: 'partial'; readonly missing: readonly string[] }
  /** All is there on the host, and the API takes its credentials, but has no such node. */
  | { readonly is: 'deleted' }
  /** Its CA is not the one expected. */
  | { readonly is: 'foreign' }
  /** The API server no longer accepts its credentials. */
  | { readonly is: 'stale'; readonly why: string }
  /** A member, as far as can be seen; the API server does not answer it. */
  | { readonly is: 'silent'; readonly why: string }
  | { readonly is: 'other-role'; readonly role: Role }
  | { readonly is: 'renamed'; readonly old: string };

const CONTROL_PLANE = [
  'manifests/kube-apiserver.yaml',
  'manifests/kube-controller-manager.yaml',
  'manifests/kube-scheduler.yaml',
];

function missingParts(facts: NodeFacts, role: Role): string[] {
  const missing = facts.files.has('kubelet.conf') ? [] : ['kubelet.conf'];
  if (!facts.files.has('rotated')) missing.push("the kubelet's own certificate");
  if (role === 'worker') return missing;
  for (const file of CONTROL_PLANE) if (!facts.files.has(file)) missing.push(file);
  const member = facts.files.has('manifests/etcd.yaml') && facts.files.has('etcd-data');
  if (!facts.externalEtcd && !member) missing.push('an etcd member');
  const label = facts.nodeObject?.metadata.labels?.['node-role.kubernetes.io/control-plane'];
  if (facts.nodeObject && label === undefined) missing.push('the label of a control plane');
  return missing;
}

/** @param expected the hash of the cluster's CA, where it is known. */
export function classifyJoin(facts: NodeFacts, role: Role, expected: string | undefined): Joined {
  const { files } = facts;
  const own = facts.caHash ?? facts.kubeletCaHash;
  if (expected && own !== undefined && !sameHash(own, expected)) return { is: 'foreign' };
  const manifests = [...files].some((file) => file.startsWith('manifests/'));
  const traces = manifests || [...files].some((file) => file.endsWith('.conf'));
  // A CA alone hinders no worker's join only if it is gone, so it counts as a trace of one.
  if (!traces && (!files.has('pki/ca.crt') || files.has('pki/ca.key'))) return { is: 'absent' };

  const rotated = files.has('rotated');
  if (rotated && facts.registeredAs !== undefined && facts.registeredAs !== facts.node)
    return { is: 'renamed', old: facts.registeredAs };
  if (role === 'worker' && manifests) return { is: 'other-role', role: 'control_plane' };
  const missing = missingParts(facts, role);
  if (rotated && facts.api !== undefined && facts.api !== 'ok') {
    const refused = /Unauthorized|logged in|x509|tls:/i.test(facts.api);
    return refused ? { is: 'stale', why: facts.api } : { is: 'silent', why: facts.api };
  }
  if (role === 'control_plane' && rotated && !manifests) return { is: 'other-role', role: 'worker' };
  if (missing.length > 0) return { is: 'partial', missing };
  if (facts.api === undefined)
    return { is: 'complete', note: 'there is no kubectl here to ask the API with' };
  if (facts.nodeObject === undefined) return { is: 'deleted' };
  return { is: 'complete', note: 'the API has it' };
}
