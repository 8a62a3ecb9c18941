import { Exit } from '../host/exit.ts';
import { table } from '../host/text.ts';
import { sorted, writeYaml } from '../host/yaml.ts';
import { displayName, type Resource } from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';
import { columnsOf, labelText } from './columns.ts';
import { find, jsonpath, show } from './jsonpath.ts';
import type { Session } from './session.ts';

export interface Group {
  readonly resource: Resource;
  readonly objects: readonly KubeObject[];
}

const out = (text: string): void => void process.stdout.write(text);

function customColumns(spec: string, objects: readonly KubeObject[]): string {
  const columns = spec.split(',').map((part) => {
    const at = part.indexOf(':');
    return [part.slice(0, at), part.slice(at + 1)] as const;
  });
  const rows = objects.map((o) =>
    columns.map(
      ([, path]) =>
        find(o, path.replace(/^\{|\}$/g, ''))
          .map(show)
          .join(',') || '<none>',
    ),
  );
  return table([columns.map(([name]) => name), ...rows]);
}

function tableOf(session: Session, { resource, objects }: Group, prefix: boolean): string {
  const { flags } = session;
  const wide = flags.text('output') === 'wide';
  const columns = columnsOf(resource.kind);
  const named = resource.namespaced && flags.bool('all-namespaces');
  const labels = flags.list('label-columns');
  const head = [
    ...(named ? ['NAMESPACE'] : []),
    ...columns.head,
    ...(wide ? (columns.wide ?? []) : []),
    ...(flags.bool('show-labels') ? ['LABELS'] : []),
    ...labels.map((label) => (label.split('/').at(-1) ?? label).toUpperCase()),
  ];
  const rows = objects.map((o) => {
    const [name = '', ...rest] = columns.row(o);
    return [
      ...(named ? [o.metadata.namespace ?? ''] : []),
      prefix ? `${displayName(resource)}/${name}` : name,
      ...rest,
      ...(wide ? (columns.wideRow?.(o) ?? []) : []),
      ...(flags.bool('show-labels') ? [labelText(o.metadata.labels)] : []),
      ...labels.map((label) => o.metadata.labels?.[label] ?? ''),
    ];
  });
  return table(flags.bool('no-headers') ? rows : [head, ...rows]);
}

/** `-o name` and the words of apply, delete, label: `deployment.apps/web`. */
export function nameOf(resource: Resource, name: string): string {
  return `${displayName(resource)}/${name}`;
}

function asOne(groups: readonly Group[], single: boolean): unknown {
  const objects = groups.flatMap((group) => group.objects);
  if (single && objects.length === 1) return objects[0];
  return { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items: objects };
}

function sortObjects(objects: readonly KubeObject[], path: string | undefined): KubeObject[] {
  if (path === undefined) return [...objects];
  const key = (o: KubeObject): string => show(find(o, path.replace(/^\{|\}$/g, ''))[0]);
  return objects.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

/** Prints what a `get` found in the form that `-o` asks for. `single`: one object was asked for by name. */
export function printObjects(session: Session, given: readonly Group[], single: boolean): void {
  const { flags } = session;
  const path = flags.text('sort-by');
  const groups = given.map((group) => ({ ...group, objects: sortObjects(group.objects, path) }));
  const form = flags.text('output') ?? '';
  const [kind = '', ...rest] = form.split('=');
  const argument = rest.join('=');
  if (kind === 'json') return out(`${JSON.stringify(sorted(asOne(groups, single)), undefined, 4)}\n`);
  if (kind === 'yaml') return out(writeYaml(asOne(groups, single)));
  if (kind === 'name') {
    return out(
      groups.flatMap((g) => g.objects.map((o) => `${nameOf(g.resource, o.metadata.name)}\n`)).join(''),
    );
  }
  if (kind === 'jsonpath') return out(jsonpath(asOne(groups, single), argument));
  if (kind === 'custom-columns')
    return out(
      customColumns(
        argument,
        groups.flatMap((g) => g.objects),
      ),
    );
  if (kind !== '' && kind !== 'wide') {
    throw new Exit(
      `unable to match a printer suitable for the output format "${form}", allowed formats are: custom-columns,json,jsonpath,name,wide,yaml`,
    );
  }
  const full = groups.filter((group) => group.objects.length > 0);
  const prefix = given.length > 1 || flags.bool('show-kind');
  out(full.map((group) => tableOf(session, group, prefix)).join('\n'));
}
