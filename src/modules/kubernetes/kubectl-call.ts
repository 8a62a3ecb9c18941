import { gzipSync } from 'node:zlib';
import { Type } from 'typebox';
import { type Program, sh } from '../../module/program.ts';

export const ADMIN_CONF = '/etc/kubernetes/admin.conf';

/** Parameters that every module around kubectl has. */
export const kubectlParams = {
  kubeconfig: Type.Optional(
    Type.String({ default: ADMIN_CONF, description: 'Path on the host where kubectl runs.' }),
  ),
  namespace: Type.Optional(Type.String({ description: 'For objects that name none.' })),
};

export interface Caller {
  readonly kubeconfig?: string | undefined;
  readonly namespace?: string | undefined;
}

/** A call of kubectl with the kubeconfig and the namespace. */
export function kubectl(caller: Caller, words: readonly string[]): Program {
  const namespace = caller.namespace === undefined ? [] : ['--namespace', caller.namespace];
  return sh`kubectl ${['--kubeconfig', caller.kubeconfig ?? ADMIN_CONF, ...namespace, ...words]}`;
}

/** Manifests: text to be piped in, or a file or folder on the host. */
export type Manifest = { readonly text: string } | { readonly path: string };

/** Above this, text travels packed, so that a program stays small. */
const PLAIN_LIMIT = 16_384;

/** `kubectl ... -f` of manifests. Large ones are packed; a CNI's shrink to a tenth. */
export function withManifest(manifest: Manifest, caller: Caller, words: readonly string[]): Program {
  if ('path' in manifest) return kubectl(caller, [...words, '-f', manifest.path]);
  const call = kubectl(caller, [...words, '-f', '-']);
  if (Buffer.byteLength(manifest.text) <= PLAIN_LIMIT) return sh`printf %s ${manifest.text} | ${call}`;
  return sh`printf %s ${gzipSync(manifest.text).toString('base64')} | base64 -d | gzip -dc | ${call}`;
}

/** What kubectl says while there is no cluster to ask, or not all of it yet. */
export function notThereYet(code: number, text: string): boolean {
  return (
    code === 127 ||
    /connection refused|was refused|no such file|no configuration|i\/o timeout|no route to host|context deadline/i.test(
      text,
    ) ||
    /NotFound|not found|no matches for kind|the server doesn't have a resource type/.test(text)
  );
}

/** The line of an output that says what is wrong. */
export function complaint(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return (lines.find((line) => /^(error|Error|The |Unable)/.test(line)) ?? lines.at(-1) ?? '').trim();
}
