import { locate } from '../base/span.ts';
import type { Value } from '../expression/types.ts';
import type { CheckScope } from './scope.ts';

/** Where a value comes from, if it is a variable as it is. */
export function originOf(value: Value, scope: CheckScope): string | undefined {
  if (value.kind !== 'template' || value.references.length !== 1) return undefined;
  const name = value.references[0]!.path[0]!;
  const found = scope.find(name);
  const there =
    found && 'value' in found && found.value.span.source.text !== '' ? found.value.span : undefined;
  return there && `\`${name}\` is defined at ${locate(there)}.`;
}
