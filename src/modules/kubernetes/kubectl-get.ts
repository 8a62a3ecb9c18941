import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineQuery } from '../../module/contract.ts';
import { complaint, kubectl, kubectlParams } from './kubectl-call.ts';
import { API } from './outlook.ts';

export const kubectlGet = defineQuery({
  name: 'kubectl_get',
  summary: 'Objects of a cluster, as data.',
  description:
    '`resources` is always a list: empty where there is nothing. Fails where the API server does not answer.',
  params: Type.Object({
    kind: Type.String({ description: 'As kubectl takes it: `pods`, `nodes`, `deployments.apps`.' }),
    name: Type.Optional(Type.String()),
    selector: Type.Optional(Type.String({ description: 'Labels: `app=web`.' })),
    field_selector: Type.Optional(Type.String({ description: 'Fields: `status.phase=Running`.' })),
    all_namespaces: Type.Optional(Type.Boolean({ default: false })),
    ...kubectlParams,
  }),
  returns: Type.Object({
    resources: Type.Array(Type.Record(Type.String(), Type.Unknown())),
    names: Type.Array(Type.String(), { description: 'Their names, in the same order.' }),
  }),
  examples: [
    {
      title: 'every node of the cluster',
      yaml: `
        - kubectl_get: {kind: nodes}
          become: true
          register: nodes
        - assert: {that: ['nodes.resources.size() == 3']}
      `,
      skip: 'needs a cluster; test/e2e/bootstrap covers it',
    },
  ],
  reads: () => [API, 'object:'],
  probe: (p) =>
    kubectl(p, [
      '--request-timeout=20s',
      'get',
      p.kind,
      ...(p.name === undefined ? [] : [p.name]),
      ...(p.selector === undefined ? [] : ['--selector', p.selector]),
      ...(p.field_selector === undefined ? [] : ['--field-selector', p.field_selector]),
      ...(p.all_namespaces ? ['--all-namespaces'] : []),
      '--ignore-not-found',
      '-o',
      'json',
    ]),
  read: (output, p) => {
    if (output.code !== 0)
      throw new SlipwayError(
        'task.failed',
        `kubectl get ${p.kind}: ${complaint(output.stderr) || `exit code ${output.code}`}`,
        {
          hint: 'Run it where kubectl and a kubeconfig are: on a control plane, with become: true.',
          data: { ...output },
        },
      );
    if (output.truncated)
      throw new SlipwayError('task.failed', `kubectl get ${p.kind}: too much to hold`, {
        hint: 'Narrow it with namespace, selector or field_selector.',
      });
    const resources = objects(output.stdout);
    return { resources, names: resources.map((one) => String((one['metadata'] as { name?: string })?.name)) };
  },
});

function objects(text: string): Record<string, unknown>[] {
  if (text.trim() === '') return [];
  const parsed = JSON.parse(text) as Record<string, unknown> & { items?: Record<string, unknown>[] };
  return parsed.items ?? [parsed];
}
