import { type Helper, HelperError, list, number } from './helper.ts';

function operation(
  name: string,
  summary: string,
  gives: number,
  act: (a: number, b: number) => number,
): Helper {
  return {
    name,
    summary,
    example: { template: `{{${name} 7 2}}`, gives },
    args: [2, 2],
    call: ([a, b]) => {
      const result = act(number(a), number(b));
      if (!Number.isFinite(result)) throw new HelperError('divides by zero');
      return result;
    },
  };
}

const MOST = 100_000;

function range(from: number, to: number, step: number): number[] {
  const count = Math.ceil((to - from) / step);
  if (!Number.isFinite(count) || count > MOST) throw new HelperError(`would give more than ${MOST} numbers`);
  return Array.from({ length: Math.max(0, count) }, (_, i) => from + i * step);
}

export const numberHelpers: readonly Helper[] = [
  operation('add', 'The sum of two numbers.', 9, (a, b) => a + b),
  operation('subtract', 'The first number less the second.', 5, (a, b) => a - b),
  operation('multiply', 'The product of two numbers.', 14, (a, b) => a * b),
  operation('divide', 'The first number divided by the second.', 3.5, (a, b) => a / b),
  operation('modulo', 'What is left of a division.', 1, (a, b) => a % b),
  {
    name: 'int',
    summary: 'A whole number from a text or a number, cut off after the point.',
    example: { template: '{{int "6443"}}', gives: 6443 },
    args: [1, 1],
    call: ([value]) => Math.trunc(number(value)),
  },
  {
    name: 'number',
    summary: 'A number from a text.',
    example: { template: '{{number "1.5"}}', gives: 1.5 },
    args: [1, 1],
    call: ([value]) => number(value),
  },
  {
    name: 'min',
    summary: 'The least number of a list.',
    example: { template: '{{min sizes}}', variables: { sizes: [3, 1, 2] }, gives: 1 },
    args: [1, 1],
    call: ([values]) => extreme(list(values), (a, b) => a < b),
  },
  {
    name: 'max',
    summary: 'The greatest number of a list.',
    example: { template: '{{max sizes}}', variables: { sizes: [3, 1, 2] }, gives: 3 },
    args: [1, 1],
    call: ([values]) => extreme(list(values), (a, b) => a > b),
  },
  {
    name: 'sum',
    summary: 'The sum of a list of numbers.',
    example: { template: '{{sum sizes}}', variables: { sizes: [3, 1, 2] }, gives: 6 },
    args: [1, 1],
    call: ([values]) => list(values).reduce<number>((total, value) => total + number(value), 0),
  },
  {
    name: 'range',
    summary: 'Whole numbers from the first up to, but without, the second; a third is the step.',
    example: { template: '{{range 1 4}}', gives: [1, 2, 3] },
    args: [1, 3],
    call: ([a, b, step]) => {
      const by = step === undefined ? 1 : number(step);
      if (by === 0) throw new HelperError('needs a step that is not 0');
      return b === undefined ? range(0, number(a), by) : range(number(a), number(b), by);
    },
  },
];

function extreme(values: readonly unknown[], better: (a: number, b: number) => boolean): number {
  if (values.length === 0) throw new HelperError('finds nothing: the list is empty');
  return values.map(number).reduce((best, value) => (better(value, best) ? value : best));
}
