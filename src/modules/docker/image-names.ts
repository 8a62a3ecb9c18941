/** `nginx` -> `docker.io/library/nginx:latest`, as containerd writes names. */
export function canonicalName(name: string): string {
  const tagged = /[:@][^/]*$/.test(name) ? name : `${name}:latest`;
  const [first = ''] = tagged.split('/');
  if (!tagged.includes('/')) return `docker.io/library/${tagged}`;
  return /[.:]/.test(first) || first === 'localhost' ? tagged : `docker.io/${tagged}`;
}

/** An id as Docker lists it. */
export const shortId = (id: string) => id.replace(/^sha256:/, '').slice(0, 12);

/** `docker.io/library/nginx:1` -> `nginx:1`, as Docker writes names. */
export function familiarName(name: string): string {
  return canonicalName(name).replace(/^docker\.io\/(library\/)?/, '');
}
