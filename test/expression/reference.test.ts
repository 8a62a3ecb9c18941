import { expect, it } from 'vitest';
import { HELPERS } from '../../src/expression/helpers.ts';
import { expressionReference, helperText } from '../../src/expression/reference.ts';

it('tells what a helper does, and shows it', () =>
  expect(helperText(HELPERS.get('default')!)).toBe(
    '- **`default`**: The first value, or the second where the first is not defined; with `empty=true` also where it is empty. Options: `empty=`.\n' +
      '  `{{default port 6443}}` gives `6443`',
  ));

it('leaves none out', () => {
  const text = expressionReference();
  for (const name of HELPERS.keys()) expect(text).toContain(`- **\`${name}\`**`);
  expect(text).toContain('`size()`');
  expect(text).toContain('`.startsWith()`');
});
