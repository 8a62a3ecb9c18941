import type { Resource } from '../kube/resources.ts';
import type { StatusObject } from '../kube/types.ts';

/** Thrown by a handler to refuse; becomes a Status object. */
export class Refusal extends Error {
  readonly status: StatusObject;

  constructor(code: number, reason: string, message: string, details: object = {}) {
    super(message);
    const [kind, apiVersion, metadata] = ['Status', 'v1', {}] as const;
    this.status = { kind, apiVersion, metadata, status: 'Failure', message, reason, details, code };
  }
}

const named = (resource: Resource): string =>
  resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;

const detail = (resource: Resource, name: string): object => ({
  name,
  group: resource.group,
  kind: resource.plural,
});

export function notFound(resource: Resource, name: string): Refusal {
  return new Refusal(404, 'NotFound', `${named(resource)} "${name}" not found`, detail(resource, name));
}

export function alreadyExists(resource: Resource, name: string): Refusal {
  return new Refusal(
    409,
    'AlreadyExists',
    `${named(resource)} "${name}" already exists`,
    detail(resource, name),
  );
}

export function conflict(resource: Resource, name: string): Refusal {
  const message = `Operation cannot be fulfilled on ${named(resource)} "${name}": the object has been modified; please apply your changes to the latest version and try again`;
  return new Refusal(409, 'Conflict', message, detail(resource, name));
}

export function invalid(resource: Resource, name: string, why: string): Refusal {
  const message = `${resource.kind}${resource.group === '' ? '' : `.${resource.group}`} "${name}" is invalid: ${why}`;
  return new Refusal(422, 'Invalid', message, detail(resource, name));
}

export function unauthorized(): Refusal {
  return new Refusal(401, 'Unauthorized', 'Unauthorized');
}

export function forbidden(
  user: string,
  verb: string,
  resource: Resource,
  name: string,
  namespace?: string,
): Refusal {
  const scope = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const object = name === '' ? named(resource) : `${named(resource)} "${name}"`;
  const message = `${object} is forbidden: User "${user}" cannot ${verb} resource "${resource.plural}" in API group "${resource.group}" ${scope}`;
  return new Refusal(403, 'Forbidden', message, detail(resource, name));
}

export function noSuchPath(): Refusal {
  return new Refusal(404, 'NotFound', 'the server could not find the requested resource');
}
