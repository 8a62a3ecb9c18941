import { newNonce } from '../session/frame.ts';
import { awaitMarker, type FramedChannel, frameChannel } from '../session/shell.ts';
import { forLoginShell } from '../shell-text.ts';
import type { Become, Connection } from '../types.ts';
import { asksForPassword, becomeScript } from './command.ts';
import { becomeError } from './failure.ts';

/** How long sudo and the like may be silent before we say so: a second factor waits for somebody forever. */
const SILENCE = 30_000;

/**
 * Opens a channel on which `inner` (sh text) runs as the user. With a password, waits until the method has asked for
 * it and has accepted it: what is written earlier would be read as a password, or the password as a command.
 *
 * @param expect announces the markers that `inner` prints by itself, before any of it can have arrived.
 * @throws {SlipwayError} connect.become, connect.lost
 */
export async function startAs(
  connection: Connection,
  become: Become | undefined,
  inner: string,
  options: { readonly urgent?: boolean; readonly expect?: (framed: FramedChannel) => void } = {},
): Promise<FramedChannel> {
  const nonce = newNonce();
  const password = become?.password;
  if (!become || password === undefined) {
    const script = becomeScript(become, inner, nonce);
    const framed = frameChannel(await connection.open(forLoginShell(script), options));
    options.expect?.(framed);
    return framed;
  }

  const mark = String.raw`printf '\036${nonce} 0\n';printf '\036${nonce} 0\n' >&2;`;
  const script = becomeScript(become, mark + inner, nonce);
  const framed = frameChannel(await connection.open(forLoginShell(script), options));
  const handshaken = handshake(framed, become, password, nonce);
  options.expect?.(framed);
  const how = await handshaken;
  if (how.end === 'accepted') return framed;
  framed.channel.close();
  if (how.end instanceof Error) throw how.end;
  throw becomeError(connection.host, become, how.printed, how.end);
}

/** Answers the question for the password once; a second question means that the answer was wrong. */
async function handshake(
  framed: FramedChannel,
  become: Become,
  password: string,
  nonce: string,
): Promise<{ readonly end: 'accepted' | 'wrong' | 'silent' | 'ended' | Error; readonly printed: string }> {
  let printed = '';
  let asked = 0;
  let timer: NodeJS.Timeout | undefined;
  const end = await new Promise<'accepted' | 'wrong' | 'silent' | 'ended' | Error>((resolve) => {
    timer = setTimeout(() => resolve('silent'), SILENCE);
    const { value } = awaitMarker(framed, nonce, (_, text) => {
      printed += text;
      if (!asksForPassword(become, printed, nonce)) return;
      printed = '';
      asked++;
      if (asked > 1) resolve('wrong');
      else framed.write(`${password}\n`);
    });
    void value.then(() => resolve('accepted'));
    void framed.ended.then((ended) => resolve(ended instanceof Error ? ended : 'ended'));
  });
  clearTimeout(timer);
  return { end, printed };
}
