import { SlipwayError } from '../../../base/errors.ts';
import { nearest } from '../../../base/suggest.ts';
import type { Local } from '../../../module/host.ts';
import { type Account, accountOf } from '../engine/account.ts';
import { bodyOf } from './body.ts';
import type { Hidden } from './differences.ts';
import type { ContainerParams } from './params.ts';
import { SETTINGS } from './settings.ts';

export interface Ready {
  readonly p: ContainerParams;
  /** Variables of its environment that are secrets, or look as if they were. */
  readonly hidden: Hidden;
  /** For the registry that its image is pulled from. */
  readonly account: Account | undefined;
}

/** Words in the names of variables whose values nobody should read. */
const SECRETIVE = /pass(?:w(?:or)?d|phrase)?|secret|token|credential|(?:api|private|access)_?key/i;

/** @throws {SlipwayError} task.invalid where something could never be made */
export function readyContainer(p: ContainerParams, local: Local): Ready {
  bodyOf(p, p.image ?? '');
  checkComparisons(p);
  if (p.state === 'healthy' && p.paused)
    throw new SlipwayError('task.invalid', '`paused: true` and `state: healthy` exclude each other', {
      hint: 'The Engine does not check the health of a paused container; write `state: started`.',
    });
  const secret = new Set(
    Object.entries(p.env ?? {})
      .filter(([, value]) => local.isSecret(String(value)))
      .map(([name]) => name),
  );
  return { p, hidden: (name) => secret.has(name) || SECRETIVE.test(name), account: accountOf(p) };
}

function checkComparisons({ comparisons = {} }: ContainerParams): void {
  const known = ['*', 'image', 'networks', ...SETTINGS.map(({ name }) => name)];
  const wrong = Object.keys(comparisons).find((name) => !known.includes(name));
  if (wrong === undefined) return;
  const near = nearest(wrong, known);
  throw new SlipwayError('task.invalid', `comparisons names "${wrong}", which is not compared`, {
    hint:
      near === undefined ? 'Name a parameter that tells what the container is.' : `Do you mean \`${near}\`?`,
  });
}
