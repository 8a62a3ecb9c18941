import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Exit } from '../host/exit.ts';
import { run } from '../host/run.ts';
import { writeYaml, sorted } from '../host/yaml.ts';
import { ApiError } from '../kube/client.ts';
import { same, threeWay } from '../kube/merge.ts';
import { pathOf } from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';
import { fileObjects, type FileObject } from './files.ts';
import { nameOf } from './print.ts';
import { printObjects } from './print.ts';
import type { Session } from './session.ts';

const LAST = 'kubectl.kubernetes.io/last-applied-configuration';

const APPLY = 'application/apply-patch+yaml';

function withLast(object: KubeObject): KubeObject {
  const last = `${JSON.stringify(sorted(object))}\n`;
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [LAST]: last } },
  };
}

/** What the object becomes: fields of the server stay, those applied before and not now go. */
function merged(live: KubeObject, wanted: KubeObject): KubeObject {
  const text = live.metadata.annotations?.[LAST];
  const before = text === undefined ? {} : (JSON.parse(text) as object);
  const next = threeWay(live, wanted, before) as KubeObject;
  const last = withLast(wanted).metadata.annotations?.[LAST] ?? '';
  next.metadata.annotations = { ...next.metadata.annotations, [LAST]: last };
  // Both are encoded by the server; the plain form never comes back.
  if (next.stringData !== undefined) {
    const encoded = Object.entries(next.stringData).map(([k, v]) => [k, Buffer.from(v).toString('base64')]);
    next.data = { ...next.data, ...Object.fromEntries(encoded) };
    delete next.stringData;
  }
  return next;
}

export function dryRun(session: Session): 'none' | 'client' | 'server' {
  const text = session.flags.text('dry-run');
  if (text === undefined || text === 'none') return 'none';
  return text === 'server' ? 'server' : 'client';
}

const query = (mode: string): string => (mode === 'server' ? '?dryRun=All' : '');

/** How an object would be after an apply, asked of the server where it differs. */
async function plan(
  session: Session,
  file: FileObject,
  mode: string,
  tries = 5,
): Promise<{ live: KubeObject | undefined; next: KubeObject; verb: string }> {
  const { object, resource, namespace } = file;
  const path = pathOf(resource, namespace, object.metadata.name);
  const live = await session.client.find(path);
  if (session.flags.bool('server-side')) {
    const next = await session.client.call<KubeObject>('PATCH', `${path}${query(mode)}`, object, APPLY);
    return { live, next, verb: 'serverside-applied' };
  }
  if (live === undefined) {
    if (mode === 'client') return { live, next: object, verb: 'created' };
    const next = await session.client.call(
      'POST',
      `${pathOf(resource, namespace)}${query(mode)}`,
      withLast(object),
    );
    return { live, next, verb: 'created' };
  }
  const wanted = merged(live, object);
  if (same(live, wanted)) return { live, next: live, verb: 'unchanged' };
  if (mode === 'client') return { live, next: wanted, verb: 'configured' };
  try {
    const next = await session.client.call('PUT', `${path}${query(mode)}`, wanted);
    return { live, next, verb: 'configured' };
  } catch (error) {
    // A controller was faster, as it may be; the real one tries five times, too.
    if (tries === 0 || !(error instanceof ApiError && error.status.code === 409)) throw error;
    return plan(session, file, mode, tries - 1);
  }
}

function report(session: Session, file: FileObject, next: KubeObject, verb: string): void {
  const form = session.flags.text('output');
  if (form === 'name') return void process.stdout.write(`${nameOf(file.resource, next.metadata.name)}\n`);
  if (form !== undefined) return printObjects(session, [{ resource: file.resource, objects: [next] }], true);
  const mode = dryRun(session);
  const how = mode === 'none' ? '' : mode === 'server' ? ' (server dry run)' : ' (dry run)';
  process.stdout.write(`${nameOf(file.resource, next.metadata.name)} ${verb}${how}\n`);
}

export async function apply(session: Session): Promise<number> {
  let code = 0;
  for (const file of await fileObjects(session)) {
    try {
      const { next, verb } = await plan(session, file, dryRun(session));
      report(session, file, next, verb);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const where = session.flags.list('filename').join(',').replace('-', 'STDIN');
      process.stderr.write(
        `Error from server (${error.status.reason}): error when applying "${where}": ${error.message}\n`,
      );
      code = 1;
    }
  }
  return code;
}

function cleaned(object: KubeObject | undefined): string {
  if (object === undefined) return '';
  const { [LAST]: _, ...annotations } = object.metadata.annotations ?? {};
  const { annotations: __, ...metadata } = object.metadata;
  const kept = Object.keys(annotations).length === 0 ? metadata : { ...metadata, annotations };
  return writeYaml({ ...object, metadata: kept });
}

/** Runs the diff of the host over two folders, `diff -u -N` unless KUBECTL_EXTERNAL_DIFF says another. */
function compare(live: string, next: string): number {
  const [program = 'diff', ...args] = (process.env['KUBECTL_EXTERNAL_DIFF'] ?? 'diff -u -N').split(/\s+/);
  const done = run(program, [...args, live, next]);
  process.stdout.write(done.stdout);
  if (done.code > 1) throw new Exit(`failed to run "${program}": ${done.stderr.trim()}`, 2);
  return done.code;
}

/** Exit 0 without a difference, 1 with one. */
export async function diff(session: Session): Promise<number> {
  const [live, next] = ['LIVE-', 'MERGED-'].map((name) => mkdtempSync(join(tmpdir(), name))) as [
    string,
    string,
  ];
  try {
    for (const file of await fileObjects(session)) {
      const planned = await plan(session, file, 'server');
      const { resource, namespace, object } = file;
      const group = resource.group === '' ? resource.version : `${resource.group}.${resource.version}`;
      const name = `${group}.${resource.kind}.${namespace ?? ''}.${object.metadata.name}`;
      writeFileSync(join(live, name), cleaned(planned.live));
      writeFileSync(join(next, name), cleaned(planned.next));
    }
    return compare(live, next);
  } finally {
    for (const folder of [live, next]) rmSync(folder, { recursive: true });
  }
}

/** `create -f`, `create namespace|configmap|secret|deployment|job|serviceaccount`. */
export async function createFiles(session: Session): Promise<number> {
  let code = 0;
  for (const file of await fileObjects(session)) {
    const mode = dryRun(session);
    try {
      const path = `${pathOf(file.resource, file.namespace)}${query(mode)}`;
      const made = mode === 'client' ? file.object : await session.client.call('POST', path, file.object);
      report(session, file, made, 'created');
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const where = session.flags.list('filename').join(',').replace('-', 'STDIN');
      process.stderr.write(
        `Error from server (${error.status.reason}): error when creating "${where}": ${error.message}\n`,
      );
      code = 1;
    }
  }
  return code;
}

export async function createOne(session: Session, file: FileObject): Promise<number> {
  const mode = dryRun(session);
  const path = `${pathOf(file.resource, file.namespace)}${query(mode)}`;
  const made = mode === 'client' ? file.object : await session.client.call('POST', path, file.object);
  report(session, file, made, 'created');
  return 0;
}
