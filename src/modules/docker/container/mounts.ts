import { SlipwayError } from '../../../base/errors.ts';
import type { ContainerParams } from './params.ts';
import { bytesOf, sizeText } from './units.ts';

interface Mount {
  readonly Target: string;
  readonly Source?: string;
  readonly Type: string;
  readonly ReadOnly?: boolean;
  readonly BindOptions?: { readonly Propagation?: string } | null;
  readonly VolumeOptions?: { readonly NoCopy?: boolean } | null;
  readonly TmpfsOptions?: { readonly SizeBytes?: number; readonly Mode?: number } | null;
}

/** @throws {SlipwayError} task.invalid */
export function mountsOf(given: ContainerParams['mounts']): Mount[] | undefined {
  return given?.map((one) => {
    const Type = one.type ?? 'volume';
    if (Type === 'bind' && !one.source?.startsWith('/'))
      throw new SlipwayError(
        'task.invalid',
        `the bind at ${one.target} has the source "${one.source ?? ''}"`,
        {
          hint: 'Give an absolute path of the host.',
        },
      );
    const tmpfs = {
      ...(one.tmpfs_size !== undefined && { SizeBytes: bytesOf('tmpfs_size', one.tmpfs_size) }),
      ...(one.tmpfs_mode !== undefined && { Mode: Number.parseInt(one.tmpfs_mode, 8) }),
    };
    return {
      Target: one.target,
      Type,
      ...(one.source !== undefined && { Source: one.source }),
      ...(one.read_only !== undefined && { ReadOnly: one.read_only }),
      ...(one.propagation !== undefined && { BindOptions: { Propagation: one.propagation } }),
      ...(one.no_copy !== undefined && { VolumeOptions: { NoCopy: one.no_copy } }),
      ...(Object.keys(tmpfs).length > 0 && { TmpfsOptions: tmpfs }),
    };
  });
}

/** By their targets. */
export function viewMounts(value: unknown): Record<string, string> {
  return Object.fromEntries(((value ?? []) as Mount[]).map((mount) => [mount.Target, describe(mount)]));
}

function describe({ Type, Source, ReadOnly, BindOptions, VolumeOptions, TmpfsOptions }: Mount): string {
  const { SizeBytes, Mode } = TmpfsOptions ?? {};
  return [
    Type,
    Source,
    ReadOnly && 'read_only',
    BindOptions?.Propagation,
    VolumeOptions?.NoCopy && 'no_copy',
    SizeBytes && `size ${sizeText(SizeBytes)}`,
    Mode && `mode ${Mode.toString(8)}`,
  ]
    .filter(Boolean)
    .join(' ');
}
