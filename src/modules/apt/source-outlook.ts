import { type Doer, type Effect, type Outlook, Unclear } from '../../module/outlook.ts';
import { becomes, foreseePath, NOTHING, pathSubject, stateAfter } from '../files/expected.ts';
import type { SourceChange } from './source-compare.ts';
import { readKeys } from './openpgp.ts';
import type { Ready, SourceState } from './source-probe.ts';

/** A source and its key as the tasks before would have left them. */
export function foreseeSource(state: SourceState, ready: Ready, outlook: Outlook): SourceState | Unclear {
  const needs = { content: 'bytes', replaces: true } as const;
  const file = foreseePath(state.path, state.file, outlook, needs);
  const keyring = foreseePath(state.keyringPath, state.keyring, outlook, needs);
  if (file instanceof Unclear) return file;
  if (keyring instanceof Unclear) return keyring;
  const keys = keyring === state.keyring ? state.keys : keyring.bytes ? readKeys(keyring.bytes) : [];
  const dead = state.dead.filter((path) => outlook.of(pathSubject(path)) === undefined);
  return { ...state, file, keyring, keys, dead: ready.p.migrate ? dead : state.dead };
}

/** What a change leaves behind. A key that the host fetches is not known before. */
export function sourceEffects(change: SourceChange, state: SourceState, ready: Ready, doer: Doer): Effect[] {
  const effects: Effect[] = change.dead.map((path) => becomes(path, NOTHING));
  const { text } = change;
  if (change.writeFile)
    effects.push(
      becomes(
        state.path,
        text === undefined
          ? NOTHING
          : stateAfter(
              state.file,
              { type: 'file', attributes: { mode: ready.p.mode ?? '0644' }, bytes: Buffer.from(text) },
              doer,
            ),
      ),
    );
  if (change.key === 'remove') effects.push(becomes(state.keyringPath, NOTHING));
  if (change.key === 'fetch') effects.push({ subject: pathSubject(state.keyringPath) });
  if (change.key === 'write' && ready.key)
    effects.push(
      becomes(
        state.keyringPath,
        stateAfter(state.keyring, { type: 'file', attributes: { mode: '0644' }, bytes: ready.key }, doer),
      ),
    );
  return effects;
}
