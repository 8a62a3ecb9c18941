import { type Static, Type } from 'typebox';
import { stringify } from 'yaml';
import { SlipwayError } from '../../base/errors.ts';
import {
  change,
  defineState,
  type Difference,
  impossible,
  same,
  type Verdict,
} from '../../module/contract.ts';
import type { Local } from '../../module/host.ts';
import { lines, type Program, sh } from '../../module/program.ts';
import {
  complaint,
  kubectl as call,
  kubectlParams,
  type Manifest,
  notThereYet,
  withManifest,
} from './kubectl-call.ts';
import { readDiff } from './kubectl-diff.ts';
import { describeWait, waitCalls, waitFor } from './kubectl-waits.ts';
import { section, sections, words } from './sections.ts';
import { Unclear } from '../../module/outlook.ts';
import { pathSubject } from '../files/expected.ts';
import { API } from './outlook.ts';

const params = Type.Object({
  state: Type.Optional(Type.Union([Type.Literal('present'), Type.Literal('absent')], { default: 'present' })),
  definition: Type.Optional(
    Type.Union(
      [
        Type.Record(Type.String(), Type.Unknown()),
        Type.Array(Type.Record(Type.String(), Type.Unknown())),
        Type.String(),
      ],
      { description: 'The object, a list of objects, or YAML as text.' },
    ),
  ),
  src: Type.Optional(
    Type.String({ description: 'A file with manifests on the controller, or see `remote_src`.' }),
  ),
  template: Type.Optional(Type.String({ description: 'A template on the controller that gives manifests.' })),
  remote_src: Type.Optional(
    Type.Boolean({ default: false, description: '`src` is a file, a folder or a URL as the host sees it.' }),
  ),
  server_side_apply: Type.Optional(
    Type.Boolean({ default: false, description: 'Let the API server merge (field manager `slipway`).' }),
  ),
  force_conflicts: Type.Optional(
    Type.Boolean({
      default: false,
      description: 'With server_side_apply: take over fields that others manage.',
    }),
  ),
  wait_for: Type.Optional(
    Type.Array(waitFor, { description: 'What must hold afterwards; part of the state.' }),
  ),
  wait_timeout: Type.Optional(Type.Number({ default: 120, description: 'Seconds for each of `wait_for`.' })),
  ...kubectlParams,
});

type Params = Static<typeof params>;

interface Ready {
  readonly p: Params;
  /** Undefined where there is only something to wait for. */
  readonly manifest: Manifest | undefined;
}

interface Current {
  readonly code: number;
  readonly text: string;
  readonly error: string;
  /** Exit codes of the checks of `wait_for`, in order. */
  readonly waits: readonly number[];
  /** Of a dry run: the cluster is yet to be made, and nothing of this is in it. */
  readonly fresh?: boolean;
}

export const kubectl = defineState({
  name: 'kubectl',
  summary: 'Objects of a cluster: applied, or gone.',
  description: `
Compares with \`kubectl diff\` (the API server works out the outcome, nothing is stored) and changes with
\`kubectl apply\`. Runs on a host that has kubectl and a kubeconfig, usually a control plane. While there is no API
server to ask, a dry run says that it would apply. \`wait_for\` is part of the state: objects that are right but not yet
rolled out count as a change that only waits.
`,
  templates: ['template'],
  params,
  returns: Type.Object({
    objects: Type.Array(Type.String(), { description: 'Objects that differed, or that are still there.' }),
  }),
  examples: [
    {
      title: 'a namespace',
      yaml: `
        - kubectl:
            definition:
              apiVersion: v1
              kind: Namespace
              metadata: {name: shop}
          become: true
      `,
      skip: 'needs a cluster; test/e2e/bootstrap covers it',
    },
    {
      title: 'manifests from a template, and wait for the rollout',
      yaml: `
        - kubectl:
            template: web.yaml
            wait_for:
              - {resource: deployment/web, namespace: shop, rollout: true}
          become: true
      `,
      skip: 'needs a cluster; test/e2e/bootstrap covers it',
    },
  ],

  prepare: async (p, local): Promise<Ready> => ({ p, manifest: await manifestOf(p, local) }),

  probe: ({ p, manifest }) =>
    lines(
      section('objects'),
      manifest === undefined ? sh`:` : question(p, manifest),
      sh`printf '\n@@@ code\n%s\n' "$?"`,
      section('waits'),
      ...(p.wait_for ?? []).map((wait) => check(p, wait)),
    ),

  read: (output): Current => {
    const parts = sections(output.stdout);
    return {
      code: Number(words(parts.get('code'))[0] ?? 1),
      text: parts.get('objects') ?? '',
      error: output.stderr,
      waits: words(parts.get('waits')).map(Number),
    };
  },

  compare: (current, { p, manifest }): Verdict<Plan> => {
    const waiting = (p.wait_for ?? []).filter((_, at) => current.waits[at] !== 0);
    const objects = manifest === undefined ? undefined : compareObjects(current, p);
    if (objects !== undefined && objects.verdict !== 'same') return objects;
    if (waiting.length === 0) return same(objects?.why ?? 'all of wait_for holds');
    const why = waiting.map(describeWait).join('; ');
    const diff = waiting.map((wait) => ({ subject: describeWait(wait), after: 'waited for' }));
    return change(why, diff, { act: false });
  },

  touches: ({ p }) => ['object:', `object:${keyOf(p)}`],
  effects: (_plan, current, { p }) =>
    [keyOf(p), ...differences(current, p).map((one) => one.subject)].map((name) => ({
      subject: `object:${name}` as const,
    })),
  reads: ({ p }) => [API, ...(p.src !== undefined && p.remote_src ? [pathSubject(p.src)] : [])],
  foresee: (current, { p, manifest }, outlook) => {
    const api = outlook.of(API);
    if (api && (manifest === undefined || api.state !== 'new')) return new Unclear(api.by);
    const again = outlook.of(`object:${keyOf(p)}`);
    if (again) return new Unclear(again.by);
    if (api) return { ...current, fresh: true };
    const src = p.src !== undefined && p.remote_src ? outlook.concerning([pathSubject(p.src)]) : undefined;
    if (src) return new Unclear(src.by);
    const names = [keyOf(p), ...differences(current, p).map((one) => one.subject)];
    const then = outlook.concerning(names.map((name) => `object:${name}` as const));
    return then ? new Unclear(then.by) : current;
  },
  apply: ({ act }, { p, manifest }) => {
    const waits = (p.wait_for ?? []).flatMap((wait) => waitCalls(wait, p, p.wait_timeout ?? 120));
    return lines(
      sh`set -e`,
      act && manifest && action(p, manifest),
      ...waits.map(
        (wait) =>
          sh`${wait} || { ${call(p, ['get', 'events', '--field-selector', 'type=Warning'])} >&2; exit 1; }`,
      ),
    );
  },

  result: (current, { p }) => ({ objects: differences(current, p).map((one) => one.subject) }),
});

/** What the same task once more is known by. */
function keyOf(p: Params): string {
  return `@${JSON.stringify(p)}`;
}

interface Plan {
  /** False: the objects are right and only waited for. */
  readonly act: boolean;
}

async function manifestOf(p: Params, local: Local): Promise<Manifest | undefined> {
  const given = [p.definition, p.src, p.template].filter((one) => one !== undefined).length;
  if (given > 1 || (given === 0 && !p.wait_for?.length))
    throw new SlipwayError('task.invalid', 'kubectl takes one of definition, src and template', {
      hint: 'Give one of them; without any, wait_for.',
    });
  if (p.src !== undefined && p.remote_src) return { path: p.src };
  if (p.src !== undefined)
    return { text: Buffer.from(await local.read(await local.find(p.src, 'files'))).toString('utf8') };
  if (p.template !== undefined)
    return { text: await local.render(await local.find(p.template, 'templates')) };
  if (p.definition === undefined) return undefined;
  if (typeof p.definition === 'string') return { text: p.definition };
  const objects = Array.isArray(p.definition) ? p.definition : [p.definition];
  return { text: objects.map((object) => stringify(object, { lineWidth: 0 })).join('---\n') };
}

function sideFlags(p: Params): string[] {
  if (!p.server_side_apply) return [];
  return ['--server-side', '--field-manager=slipway', ...(p.force_conflicts ? ['--force-conflicts'] : [])];
}

function question(p: Params, manifest: Manifest): Program {
  if (p.state === 'absent')
    return withManifest(manifest, p, ['--request-timeout=20s', 'get', '--ignore-not-found', '-o', 'name']);
  const diff = withManifest(manifest, p, ['--request-timeout=20s', 'diff', ...sideFlags(p)]);
  return sh`export KUBECTL_EXTERNAL_DIFF='diff -u -N'; ${diff}`;
}

function check(p: Params, wait: Static<typeof waitFor>): Program {
  const calls = waitCalls(wait, p, 1).map((one) => sh`${one} >/dev/null 2>&1`.text);
  return sh`{ ${{ raw: calls.join(' && ') }}; }; echo "$?"`;
}

function action(p: Params, manifest: Manifest): Program {
  if (p.state === 'absent') return withManifest(manifest, p, ['delete', '--ignore-not-found']);
  return withManifest(manifest, p, ['apply', ...sideFlags(p)]);
}

function differences(current: Current, p: Params): Difference[] {
  if (p.state !== 'absent') return readDiff(current.text);
  return words(current.text).map((name) => ({ subject: name, before: 'present' }));
}

function compareObjects(current: Current, p: Params): Verdict<Plan> {
  const { code, error } = current;
  const absent = p.state === 'absent';
  if (current.fresh && absent) return same('the cluster is new, and has none of them');
  if (current.fresh)
    return change('the cluster is new', [{ subject: 'objects', after: 'applied' }], { act: true });
  if (code > (absent ? 0 : 1)) {
    const why = complaint(error) || `kubectl gave exit code ${code}`;
    if (notThereYet(code, error))
      return change(
        `the API server cannot tell yet: ${why}`,
        [{ subject: 'objects', after: absent ? 'absent' : 'applied' }],
        { act: true },
      );
    return impossible(`the API server refuses them: ${why}`, 'Put the manifest right.');
  }
  const diff = differences(current, p);
  if (absent ? diff.length === 0 : code === 0)
    return same(absent ? 'the objects are not there' : 'the objects are as they should be');
  const names = diff.map((one) => one.subject).join(', ');
  return change(absent ? `there: ${names}` : `differ: ${names}`, diff, { act: true });
}
