import type { Difference } from '../../module/contract.ts';

/**
 * The parts of `kubectl diff` as differences, one for each object. Its folders are temporary; the name of an object
 * (`apps.v1.Deployment.default.web`) is the last part of the path.
 */
export function readDiff(text: string): Difference[] {
  const found: Difference[] = [];
  for (const part of `\n${text}`.split(/\n(?=diff )/).slice(1)) {
    const lines = part.split('\n');
    const subject = lines[0]!.trim().split('/').at(-1)!;
    const body = lines.slice(lines.findIndex((line) => line.startsWith('@@')));
    if (!body[0]?.startsWith('@@')) continue;
    const side = (sign: string) =>
      body
        .filter((line) => line.startsWith(sign) || line.startsWith(' '))
        .map((line) => line.slice(1))
        .join('\n');
    found.push({
      subject,
      kind: 'content',
      before: body[0].startsWith('@@ -0,0 ') ? undefined : side('-'),
      after: /^@@ [^ ]+ \+0,0 /.test(body[0]) ? undefined : side('+'),
    });
  }
  return found;
}
