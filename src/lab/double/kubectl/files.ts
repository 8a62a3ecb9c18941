import { readFileSync, statSync } from 'node:fs';
import { Exit, messageOf } from '../host/exit.ts';
import { list, read } from '../host/files.ts';
import { at } from '../host/paths.ts';
import { readYaml } from '../host/yaml.ts';
import { apiVersionOf, resourceOf, type Resource } from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';
import type { Session } from './session.ts';

export interface FileObject {
  readonly object: KubeObject;
  readonly resource: Resource;
  readonly namespace: string | undefined;
}

function isDirectory(path: string): boolean {
  try {
    return statSync(at(path)).isDirectory();
  } catch {
    return false;
  }
}

function texts(path: string): { name: string; text: string }[] {
  if (path === '-') return [{ name: 'STDIN', text: readFileSync(0, 'utf8') }];
  if (isDirectory(path)) {
    return list(path)
      .filter((name) => /\.(ya?ml|json)$/.test(name))
      .map((name) => ({ name: `${path}/${name}`, text: read(`${path}/${name}`) ?? '' }));
  }
  const text = read(path);
  if (text === undefined) throw new Exit(`the path "${path}" does not exist`);
  return [{ name: path, text }];
}

function parse(name: string, text: string): KubeObject[] {
  try {
    const documents = readYaml(text) as KubeObject[];
    return documents.flatMap((d) => (d.kind === 'List' ? (d['items'] as KubeObject[]) : [d]));
  } catch (error) {
    throw new Exit(`error parsing ${name}: error converting YAML to JSON: yaml: ${messageOf(error)}`);
  }
}

/** Every object of the files named by `-f`, with its kind found. Throws on a kind that the server does not know. */
export async function fileObjects(session: Session): Promise<FileObject[]> {
  const paths = session.flags.list('filename');
  if (paths.length === 0) throw new Exit('must specify one of -f and -k');
  const found: FileObject[] = [];
  const all = paths
    .flatMap(texts)
    .flatMap(({ name, text }) => parse(name, text).map((object) => ({ name, object })));
  const coming: Resource[] = [];
  for (const { name, object } of all) {
    if (typeof object.apiVersion !== 'string' || typeof object.kind !== 'string') {
      throw new Exit(
        `error validating "${name}": error validating data: [apiVersion not set, kind not set]; if you choose to ignore these errors, turn validation off with --validate=false`,
      );
    }
    const resource = resourceOf(object) ?? resourceOf(object, [...coming, ...(await session.resources())]);
    if (resource === undefined) {
      const what = `no matches for kind "${object.kind}" in version "${object.apiVersion}"`;
      const hint = 'ensure CRDs are installed first';
      throw new Exit(
        `resource mapping not found for name: "${object.metadata?.name}" namespace: "${object.metadata?.namespace ?? ''}" from "${name}": ${what}\n${hint}`,
      );
    }
    const namespace = resource.namespaced ? (object.metadata?.namespace ?? session.namespace) : undefined;
    if (namespace !== undefined) object.metadata = { ...object.metadata, namespace };
    found.push({
      object: {
        ...object,
        apiVersion: apiVersionOf(resource) === object.apiVersion ? object.apiVersion : apiVersionOf(resource),
      },
      resource,
      namespace,
    });
  }
  return found;
}
