import { ofExpressions } from './of-expressions.ts';
import { ofFiles } from './of-files.ts';
import { ofPlaybooks } from './of-playbooks.ts';
import type { FindingCode, FindingDocs } from './types.ts';

/** Every code of what is wrong with files, explained. */
export const FINDINGS: FindingDocs<FindingCode> = { ...ofFiles, ...ofExpressions, ...ofPlaybooks };
