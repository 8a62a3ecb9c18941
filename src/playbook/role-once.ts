import path from 'node:path';
import { findVariableFiles } from '../inventory/variables-file.ts';
import { type Place, tryParse } from './loader.ts';
import type { RoleCall } from './role.ts';
import { findRole } from './role-find.ts';

/** `allow_duplicates` in meta/main.yml: the role runs each time that it is named. */
export function roleRunsAgain(call: RoleCall, place: Place): boolean {
  const folder = findRole(call.name, call.span, place);
  const file = folder === undefined ? undefined : findVariableFiles(path.join(folder, 'meta'), 'main')[0];
  const meta = file === undefined ? undefined : tryParse(place.loader, file, place.problems);
  if (meta?.kind !== 'map') return false;
  const allowed = meta.entries.find(({ key }) => key === 'allow_duplicates')?.value;
  return (
    allowed?.kind === 'scalar' && (allowed.value === true || /^(yes|true|on)$/i.test(String(allowed.value)))
  );
}
