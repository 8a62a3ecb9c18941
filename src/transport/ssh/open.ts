import { SlipwayError } from '../../base/errors.ts';
import type { TransportOptions } from '../transport.ts';
import type { Connection, HostAddress } from '../types.ts';

export async function openSsh(
  address: HostAddress,
  _options: TransportOptions,
  _signal?: AbortSignal,
): Promise<Connection> {
  throw new SlipwayError('internal', `${address.name}: SSH is not there yet`);
}
