import net from 'node:net';
import { SlipwayError } from '../base/errors.ts';
import type { AddressBlock } from './types.ts';

export const MAX_NODES = 20;
const SSH_PORT = 2222;
const REPOSITORY_PORT = 8077;
const FIRST_BLOCK = 77;
const LAST_BLOCK = 99;

/** Where host N (from 1) listens. */
export function hostAddress(block: AddressBlock, index: number): { address: string; port: number } {
  if (block.prefix === undefined) return { address: '127.0.0.1', port: block.firstPort + index };
  return { address: `${block.prefix}.${index}`, port: SSH_PORT };
}

/** Where the apt repository listens when the hosts share this machine's loopback. */
export function repositoryAddress(block: AddressBlock): { host: string; port: number } {
  if (block.prefix === undefined) return { host: '127.0.0.1', port: block.firstPort };
  return { host: `${block.prefix}.254`, port: REPOSITORY_PORT };
}

/**
 * The first block of loopback addresses that nobody uses: 127.0.77.x, then .78 and so on, so that two labs can be up
 * at once. Linux answers on all of 127/8; elsewhere ports on 127.0.0.1 are taken instead.
 */
export async function freeBlock(): Promise<AddressBlock> {
  for (let number = FIRST_BLOCK; number <= LAST_BLOCK; number++) {
    const block = { prefix: `127.0.${number}`, firstPort: SSH_PORT };
    const answer = await canListen(repositoryAddress(block).host, REPOSITORY_PORT);
    if (answer === 'unusable') break;
    if (answer === 'free' && (await canListen(`${block.prefix}.1`, SSH_PORT)) === 'free') return block;
  }
  for (let firstPort = 22_200; firstPort < 24_000; firstPort += 100) {
    const block = { firstPort };
    const ports = [0, 1].map((index) => canListen('127.0.0.1', firstPort + index));
    if ((await Promise.all(ports)).every((answer) => answer === 'free')) return block;
  }
  throw new SlipwayError('lab.failed', 'no free loopback address or port was found for the lab');
}

async function canListen(host: string, port: number): Promise<'free' | 'used' | 'unusable'> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EADDRINUSE' ? 'used' : 'unusable'),
    );
    server.listen(port, host, () => server.close(() => resolve('free')));
  });
}
