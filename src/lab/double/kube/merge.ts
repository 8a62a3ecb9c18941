import { isDeepStrictEqual } from 'node:util';

type Tree = Record<string, unknown>;

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** RFC 7386: null removes, trees merge, everything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isTree(patch)) return patch;
  const result: Tree = isTree(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

/** The field that tells the items of a list apart, where the list is one of those that merge. */
function keyOf(items: readonly unknown[]): string | undefined {
  const trees = items.filter(isTree);
  if (trees.length === 0 || trees.length !== items.length) return undefined;
  return ['name', 'containerPort', 'port', 'mountPath', 'type', 'uid'].find((key) =>
    trees.every((t) => t[key] !== undefined),
  );
}

/**
 * What is wanted laid over what is there: fields that only the server knows stay, fields that were applied before and
 * are no longer wanted go. Lists merge by name, as the strategic merge of containers, ports and volumes does.
 */
export function threeWay(live: unknown, wanted: unknown, before: unknown): unknown {
  if (Array.isArray(wanted)) return lists(live, wanted, before);
  if (!isTree(wanted)) return wanted;
  const result: Tree = isTree(live) ? { ...live } : {};
  if (isTree(before)) for (const key of Object.keys(before)) if (!(key in wanted)) delete result[key];
  for (const [key, value] of Object.entries(wanted)) {
    if (value === null) delete result[key];
    else result[key] = threeWay(result[key], value, isTree(before) ? before[key] : undefined);
  }
  return result;
}

function lists(live: unknown, wanted: unknown[], before: unknown): unknown[] {
  const key = keyOf(wanted);
  if (key === undefined || !Array.isArray(live)) return wanted;
  const find = (items: unknown, value: unknown): unknown =>
    Array.isArray(items) ? items.find((item) => isTree(item) && item[key] === value) : undefined;
  return wanted.map((item) => {
    const value = (item as Tree)[key];
    return threeWay(find(live, value), item, find(before, value));
  });
}

/** Items of a patch are laid over those of the same name; the others stay (kubectl set image, taint, cordon). */
export function strategic(target: unknown, patch: unknown): unknown {
  if (Array.isArray(patch)) {
    const key = keyOf(patch);
    if (key === undefined || !Array.isArray(target)) return patch;
    const rest = target.filter((t) => !patch.some((p) => isTree(t) && isTree(p) && p[key] === t[key]));
    const old = (p: unknown): unknown => target.find((t) => isTree(t) && isTree(p) && t[key] === p[key]);
    return [...rest, ...patch.map((p) => strategic(old(p), p))];
  }
  if (!isTree(patch)) return patch;
  const result: Tree = isTree(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = strategic(result[key], value);
  }
  return result;
}

export interface JsonPatchStep {
  op: string;
  path: string;
  value?: unknown;
}

/** RFC 6902: add, replace and remove. */
export function jsonPatch(target: unknown, steps: readonly JsonPatchStep[]): unknown {
  const result = structuredClone(target) as Tree;
  for (const step of steps) {
    const keys = step.path
      .split('/')
      .slice(1)
      .map((k) => k.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = keys.pop() ?? '';
    let here: unknown = result;
    for (const key of keys) here = (here as Tree | undefined)?.[key];
    if (Array.isArray(here)) {
      const index = last === '-' ? here.length : Number(last);
      here.splice(index, step.op === 'add' ? 0 : 1, ...(step.op === 'remove' ? [] : [step.value]));
    } else if (isTree(here)) {
      if (step.op === 'remove') delete here[last];
      else here[last] = step.value;
    }
  }
  return result;
}

export function same(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));
}
