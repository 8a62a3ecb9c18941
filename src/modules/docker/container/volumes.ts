import { SlipwayError } from '../../../base/errors.ts';

/** A volume of a container: a folder of the host or a named volume, or (without a source) one of its own. */
export interface Volume {
  readonly source: string | undefined;
  readonly target: string;
  /** `ro`, `z`, `nocopy`; without `rw`, which is what is meant where nothing is said. */
  readonly options: readonly string[];
}

/** @throws {SlipwayError} task.invalid */
export function volumeOf(given: string): Volume {
  const parts = given.split(':');
  const [source, target, options = ''] = parts.length === 1 ? [undefined, parts[0]!] : parts;
  const bad =
    parts.length > 3 ||
    source === '' ||
    !target?.startsWith('/') ||
    (source !== undefined && !/^(\/|[A-Za-z0-9][\w.-]*$)/.test(source));
  if (bad)
    throw new SlipwayError('task.invalid', `"${given}" is no volume`, {
      hint: 'Write /folder/of/the/host:/folder:ro, name:/folder, or /folder; paths are absolute.',
    });
  return {
    source: source === undefined ? undefined : trimmed(source),
    target: trimmed(target!),
    options: options.split(',').filter((option) => option !== '' && option !== 'rw'),
  };
}

export function bindText({ source, target, options }: Volume): string {
  return `${source}:${target}${options.length > 0 ? `:${[...options].sort().join(',')}` : ''}`;
}

function trimmed(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') || '/' : path;
}
