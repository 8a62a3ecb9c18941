/**
 * What of a configuration `docker image inspect` tells in every store and version: when it was made, and how it runs. With
 * the same layers beneath, who says the same is the same image. The digest of a configuration is told by the classic store
 * alone.
 */
const TOLD = [
  'Cmd',
  'Entrypoint',
  'Env',
  'ExposedPorts',
  'Healthcheck',
  'Labels',
  'OnBuild',
  'Shell',
  'StopSignal',
  'User',
  'Volumes',
  'WorkingDir',
] as const;

type Fields = Readonly<Record<string, unknown>>;

/** As one text, whatever is left out, null or empty, and in which order keys are. */
export function likenessOf(created: string | undefined, config: Fields | null | undefined): string {
  const told = TOLD.map((key) => [key, config?.[key]] as const).filter(([, value]) => !isNothing(value));
  return JSON.stringify([created ?? '', ...told], sorted);
}

const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0);

function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
