/** What to do about what the Engine says. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /no space left/i,
    'Make room where the Engine keeps its data (/var/lib/docker); `docker system df` shows what takes it.',
  ],
  [
    /unauthorized|authentication required|no basic auth|access.*denied|incorrect username/i,
    'Check `username` and `password`, and what that account may do in the registry.',
  ],
  [
    /server gave HTTP response to HTTPS client/i,
    'The registry speaks plain HTTP: name it in `insecure-registries` of /etc/docker/daemon.json.',
  ],
  [/x509|certificate/i, "Put the registry's CA into /etc/docker/certs.d/REGISTRY/ca.crt on the host."],
  [
    /manifest.*(?:unknown|not found)|not found: manifest|failed to resolve reference.*: not found/i,
    'Look at the name and the tag: the registry has no such image.',
  ],
  [
    /unexpected EOF|invalid tar header|archive\/tar|invalid checksum|flate: corrupt|gzip: invalid/i,
    'The tar is broken: save it again, and compare its checksum with that of the source.',
  ],
  [
    /no such host|connection refused|i\/o timeout|network is unreachable|Client\.Timeout/i,
    'The host has to reach the registry: look at its name, its network and its proxy.',
  ],
  [
    /conflict.*(?:is using its referenced image|used by stopped container|being used by running container)/i,
    'Remove the container first (`docker_container: {state: absent}`); a stopped one gives way to `force_absent`.',
  ],
  [/toomanyrequests|rate limit/i, 'Log in with `username` and `password`, or wait.'],
];

export function hintFor(message: string): string | undefined {
  return HINTS.find(([pattern]) => pattern.test(message))?.[1];
}
