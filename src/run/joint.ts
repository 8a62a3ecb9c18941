import { JOINT_END, type Program } from '../module/program.ts';
import { DEFAULT_LIMIT } from '../transport/session/collector.ts';
import { INLINE_LIMIT } from '../transport/session/frame.ts';
import type { Output } from '../transport/types.ts';
import type { Upcoming } from './walk-ahead.ts';

/**
 * What goes out in one step each, in order: an action, a probe, or probes that go together. These may be moved behind
 * others that change nothing, either.
 */
export function askedTogether(coming: readonly Upcoming[]): Upcoming[][] {
  const steps: Upcoming[][] = [];
  let open: Upcoming[] | undefined;
  for (const each of coming) {
    if (each.action) open = undefined;
    const [first] = open ?? [];
    if (first && goTogether(first, each) && sum(open!.map(lengthOf)) + lengthOf(each) <= LONGEST) {
      if (!open!.some(({ program }) => program.text === each.program.text)) open!.push(each);
      continue;
    }
    const step = [each];
    steps.push(step);
    if (each.program.joint && each.timeout === undefined) open = step;
  }
  return steps;
}

/** A longer step would not go out with the message, but as a file before it. */
const LONGEST = INLINE_LIMIT / 2;

function lengthOf({ program }: Upcoming): number {
  return program.joint?.text.length ?? program.text.length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0);
}

function goTogether(one: Upcoming, other: Upcoming): boolean {
  const { joint } = other.program;
  return (
    joint !== undefined &&
    joint.join === one.program.joint?.join &&
    other.timeout === undefined &&
    other.station === one.station
  );
}

/** One program for all, and how much of its output is kept. */
export function joined(programs: readonly Program[]): Program {
  const [first] = programs as [Program];
  if (programs.length === 1) return first;
  const joints = programs.map(({ joint }) => joint!);
  return { ...joints[0]!.join(joints), limit: sum(programs.map(({ limit }) => limit ?? DEFAULT_LIMIT)) };
}

/** The answer to one of `count` programs that were asked together. */
export async function partOf(
  whole: Promise<Output | undefined>,
  index: number,
  count: number,
): Promise<Output | undefined> {
  const output = await whole;
  if (count === 1 || !output) return output;
  const parts = output.stdout.split(`${JOINT_END}\n`);
  // Where the step failed there may be fewer; whoever reads the answer finds that it is not complete.
  return { ...output, stdout: parts[index] ?? '' };
}
