import { impossible } from '../../module/contract.ts';
import { parentOf } from './path.ts';

/** Nothing can be made at a path whose directory is missing. */
export function noFolder(path: string): ReturnType<typeof impossible> {
  return impossible(
    `the directory of ${path} is not there`,
    `Make it first: file: {path: ${parentOf(path)}, state: directory}`,
  );
}
