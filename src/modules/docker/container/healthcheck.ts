import { SlipwayError } from '../../../base/errors.ts';
import type { ContainerParams } from './params.ts';
import { durationText, nanosecondsOf } from './units.ts';

export interface Healthcheck {
  readonly Test?: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
}

/** What is not said comes from the image, or is the Engine's default. @throws {SlipwayError} task.invalid */
export function healthcheckOf(given: ContainerParams['healthcheck']): Healthcheck | undefined {
  if (given === undefined) return undefined;
  const time = (name: 'interval' | 'timeout' | 'start_period' | 'start_interval', as: keyof Healthcheck) => {
    const duration = given[name];
    return duration !== undefined && { [as]: nanosecondsOf(`healthcheck.${name}`, duration) };
  };
  return {
    ...(given.test !== undefined && { Test: testOf(given.test) }),
    ...time('interval', 'Interval'),
    ...time('timeout', 'Timeout'),
    ...time('start_period', 'StartPeriod'),
    ...time('start_interval', 'StartInterval'),
    ...(given.retries !== undefined && { Retries: given.retries }),
  };
}

function testOf(test: string | string[]): string[] {
  if (typeof test === 'string') return ['CMD-SHELL', test];
  if (['NONE', 'CMD', 'CMD-SHELL'].includes(test[0]!)) return test;
  throw new SlipwayError('task.invalid', `healthcheck.test begins with "${test[0]}"`, {
    hint: 'Begin the list with CMD, CMD-SHELL or NONE, or write one text.',
  });
}

export function viewHealthcheck(value: unknown): Record<string, string> {
  const { Test, Interval, Timeout, StartPeriod, StartInterval, Retries } = (value ?? {}) as Healthcheck;
  const time = (name: string, duration: number | undefined) =>
    duration ? { [name]: durationText(duration) } : {};
  return {
    ...(Test?.length && { test: Test.join(' ') }),
    ...time('interval', Interval),
    ...time('timeout', Timeout),
    ...time('start_period', StartPeriod),
    ...time('start_interval', StartInterval),
    ...(Retries && { retries: String(Retries) }),
  };
}
