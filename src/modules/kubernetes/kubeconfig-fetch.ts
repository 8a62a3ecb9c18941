import { homedir } from 'node:os';
import path from 'node:path';
import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineQuery } from '../../module/contract.ts';
import { sh } from '../../module/program.ts';
import { kubeconfigServer } from './ca-hash.ts';
import { mergeKubeconfig } from './merge-kubeconfig.ts';
import type { Local } from '../../module/host.ts';
import { pathSubject } from '../files/expected.ts';

export const kubeconfigFetch = defineQuery({
  name: 'kubeconfig_fetch',
  summary: "The cluster's kubeconfig, merged into one on this machine.",
  description: `
Other clusters, users and contexts in the file stay as they are, comments too. The same names are brought up to date.
The file is made with mode 0600. A dry run reads and merges nothing.
`,
  params: Type.Object({
    dest: Type.Optional(
      Type.String({
        default: '~/.kube/config',
        description: 'File on the controller; a relative path starts where the command was started.',
      }),
    ),
    src: Type.Optional(
      Type.String({ default: '/etc/kubernetes/admin.conf', description: 'The kubeconfig on the host.' }),
    ),
    name: Type.Optional(
      Type.String({ default: 'kubernetes', description: 'Name of the cluster and of the context.' }),
    ),
    user: Type.Optional(Type.String({ description: 'Name of the user entry; default: `NAME-admin`.' })),
    server: Type.Optional(
      Type.String({ description: 'Address as this machine reaches it: `https://203.0.113.7:6443`.' }),
    ),
    current: Type.Optional(
      Type.Boolean({ default: false, description: 'Make it the current context. The first one always is.' }),
    ),
  }),
  returns: Type.Object({
    server: Type.Optional(Type.String()),
    content: Type.Optional(Type.String({ description: 'The kubeconfig as it is on the host.' })),
    path: Type.Optional(Type.String({ description: 'The file on the controller.' })),
  }),
  secretReturns: ['content'],
  examples: [
    {
      title: 'use kubectl from here',
      yaml: `
        - kubeconfig_fetch: {name: lab, server: 'https://203.0.113.7:6443', dest: lab.kubeconfig}
          become: true
      `,
      skip: 'needs a cluster; test/e2e/bootstrap covers it',
    },
  ],

  reads: (p) => [pathSubject(p.src ?? '/etc/kubernetes/admin.conf')],
  probe: (p) => sh`cat ${p.src ?? '/etc/kubernetes/admin.conf'} 2>/dev/null || :`,
  read: (output) => {
    const server = kubeconfigServer(output.stdout);
    return {
      ...(output.stdout.trim() === '' ? {} : { content: output.stdout }),
      ...(server === undefined ? {} : { server }),
    };
  },
  wouldFinish: async ({ content }, p, _host, local) => {
    if (content === undefined) return true;
    const { before, after } = await merged(content, p, local);
    return after !== before;
  },
  finish: async (result, p, host, local) => {
    if (result.content === undefined)
      throw new SlipwayError(
        'task.failed',
        `${p.src ?? '/etc/kubernetes/admin.conf'} is not on ${host.name}`,
        {
          hint: 'Run it on a finished control plane, with become: true.',
        },
      );
    const { file, before, after } = await merged(result.content, p, local);
    if (after !== before) await local.write(file, Buffer.from(after), 0o600);
    return { ...result, path: file, changed: after !== before };
  },
});

/** The controller's file as it is, and as it has to be. */
async function merged(
  content: string,
  p: { dest?: string; name?: string; user?: string; server?: string; current?: boolean },
  local: Local,
): Promise<{ file: string; before: string | undefined; after: string }> {
  const name = p.name ?? 'kubernetes';
  const dest = (p.dest ?? '~/.kube/config').replace(/^~(?=\/)/, homedir());
  const file = path.resolve(local.workingDirectory, dest);
  const there = await local.stat(file);
  const before = there ? Buffer.from(await local.read(file)).toString('utf8') : undefined;
  const after = mergeKubeconfig(before, content, {
    cluster: name,
    context: name,
    user: p.user ?? `${name}-admin`,
    server: p.server,
    current: p.current ?? false,
  });
  return { file, before, after };
}
