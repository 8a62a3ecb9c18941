/**
 * Orders versions as their authors number them: part by part, numbers as numbers (1.9 before 1.10), a leading `v` and
 * build data (`+...`) left out, and a pre-release (`1.30.0-rc.1`) before the release. Negative: `a` is the older one.
 */
export function compareVersions(a: string, b: string): number {
  const [mainA, preA] = partsOf(a);
  const [mainB, preB] = partsOf(b);
  const main = compareParts(mainA, mainB, '0');
  if (main !== 0) return main;
  if (preA.length === 0 || preB.length === 0) return Math.sign(preB.length - preA.length);
  return compareParts(preA, preB, '');
}

function partsOf(version: string): [main: string[], preRelease: string[]] {
  const [, main = '', pre] = /^v?([^-+~]*)(?:[-~]([^+]*))?/i.exec(version.trim()) ?? [];
  return [main.split('.'), pre === undefined ? [] : pre.split('.')];
}

/** `missing` stands for the parts that the shorter one lacks: 1.30 is 1.30.0. */
function compareParts(a: readonly string[], b: readonly string[], missing: string): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const x = a[i] ?? missing;
    const y = b[i] ?? missing;
    if (x === y) continue;
    if (/^\d+$/.test(x) && /^\d+$/.test(y)) {
      if (Number(x) !== Number(y)) return Number(x) < Number(y) ? -1 : 1;
    } else return x < y ? -1 : 1;
  }
  return 0;
}
