import { canonicalName } from '../image-names.ts';

interface Reference {
  readonly text: string;
  readonly repository: string;
  /** `NAME@sha256:...`, which a pull or a push leaves. */
  readonly digested: boolean;
}

function referenceOf(text: string): Reference {
  const whole = canonicalName(text);
  return { text, repository: whole.replace(/[:@][^/]*$/, ''), digested: text.includes('@') };
}

/**
 * The names that an image which is in use loses when all images without a container are to go. The Engine takes one after
 * the other, as long as what is left is more than one tag and the digests of its repository.
 */
export function sparedNames(tags: readonly string[], digests: readonly string[]): string[] {
  const all = [...tags, ...digests].map(referenceOf);
  const sorted = [...all].sort((a, b) => (canonicalName(a.text) < canonicalName(b.text) ? -1 : 1));
  let left = sorted;
  for (const one of sorted) {
    if (!left.includes(one) || isOne(left)) continue;
    left = left.filter((other) => other !== one);
    // With the last tag of a repository its digests go.
    const ofIt = left.filter(({ repository }) => repository === one.repository);
    if (!one.digested && ofIt.every(({ digested }) => digested))
      left = left.filter((other) => !ofIt.includes(other));
  }
  return sorted.filter((one) => !left.includes(one)).map(({ text }) => text);
}

function isOne(references: readonly Reference[]): boolean {
  if (references.length < 2) return true;
  const tags = references.filter(({ digested }) => !digested);
  const repositories = new Set(references.map(({ repository }) => repository));
  return tags.length < 2 && repositories.size === 1;
}
