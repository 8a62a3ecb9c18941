import type { Helper } from './helper.ts';
import { listHelpers } from './helpers-list.ts';
import { logicHelpers } from './helpers-logic.ts';
import { numberHelpers } from './helpers-number.ts';
import { textHelpers } from './helpers-text.ts';

/** All helpers of templates, by name. The reference is generated from this table; a test runs every example. */
export const HELPERS: ReadonlyMap<string, Helper> = new Map(
  [...logicHelpers, ...textHelpers, ...listHelpers, ...numberHelpers].map((helper) => [helper.name, helper]),
);
