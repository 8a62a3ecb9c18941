import { SlipwayError } from '../../base/errors.ts';
import type { Difference } from '../../module/contract.ts';
import { lines, type Program, raw, type Raw, sh } from '../../module/program.ts';
import type { Attributes } from './attributes.ts';
import { octal, resolveMode } from './mode.ts';

const SHOWN = 20;
const OCTAL = /^(?:0o)?[0-7]+$/;

/**
 * Read-only sh that names what is below `"$f"` with other attributes. The host itself picks them out where it can, so
 * that a large tree answers in a few lines; a symbolic mode depends on each file's own, and needs them all.
 */
export function probeBelow(wanted: Attributes): Program | undefined {
  const { owner, group, mode } = wanted;
  const tests: Raw[] = [];
  if (owner !== undefined) tests.push(raw(sh`! -user ${owner}`.text));
  if (group !== undefined) tests.push(raw(sh`! -group ${group}`.text));
  const exact = mode !== undefined && OCTAL.test(mode);
  if (exact) tests.push(raw(`'(' ! -type l ! -perm ${octal(resolveMode(mode, 0, true))} ')'`));
  const any = raw(tests.map((test) => test.raw).join(' -o '));
  return lines(
    tests.length > 0 &&
      sh`
        if [ -d "$f" ]; then
          { find "$f"/. '(' ${any} ')' 2>/dev/null || echo unknown; } | sed -n 's/^/odd /p;${SHOWN}q'
        fi
      `,
    mode !== undefined &&
      !exact &&
      sh`
        if [ -d "$f" ]; then
          find "$f"/. ! -type l -exec stat -c 'mode %f %n' {} + 2>/dev/null || echo odd unknown
        fi
      `,
    sh`echo below`,
  );
}

/** What is below with other attributes, at most the first few; each with its path. */
export function compareBelow(wanted: Attributes, stdout: string): Difference[] {
  const said = stdout.split('\n');
  if (!said.includes('below'))
    throw new SlipwayError('task.failed', 'the list of files on the host did not arrive whole', {
      hint: 'Give mode in octal digits: then the host itself looks for those that differ.',
    });
  const odd = new Set(said.filter((line) => line.startsWith('odd ')).map((line) => line.slice(4)));
  for (const line of said) {
    const parts = /^mode ([0-9a-f]+) (.*)$/.exec(line);
    if (!parts) continue;
    const bits = Number.parseInt(parts[1]!, 16);
    const mode = bits & 0o7777;
    if (resolveMode(wanted.mode, mode, bits >> 12 === 0o04) !== mode) odd.add(parts[2]!);
  }
  const after = [wanted.owner, wanted.group, wanted.mode].filter(Boolean).join(' ');
  return [...odd].slice(0, SHOWN).map((path) => ({
    subject: path.replace('/./', '/').replace(/\/\.$/, ''),
    after,
    kind: 'value' as const,
  }));
}

/** Sets the attributes of all that is below; links themselves get the owner, what they point to is left alone. */
export function setBelow(word: Raw, wanted: Attributes): Program {
  const owner = `${wanted.owner ?? ''}${wanted.group === undefined ? '' : `:${wanted.group}`}`;
  const { mode } = wanted;
  const digits = mode !== undefined && OCTAL.test(mode) ? `0${octal(resolveMode(mode, 0, true))}` : mode;
  return lines(
    owner !== '' && sh`chown -hR ${owner} ${word}/.`,
    digits !== undefined && sh`find ${word}/. ! -type l -exec chmod ${digits} {} +`,
  );
}
