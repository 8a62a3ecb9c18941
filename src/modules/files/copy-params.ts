import { Type } from 'typebox';
import { attributeParams, writeParams } from './params.ts';

/** Parameters of `copy` and `template` alike. */
export const destinationParams = {
  dest: Type.String({
    description:
      'Where it goes. A directory that is there, or a name with a slash at the end (which is then made), gets a file of the same name as `src`.',
    minLength: 1,
  }),
  ...attributeParams,
  mode: Type.Optional(
    Type.String({
      description:
        "Permissions: octal digits in quotes (`'0644'`), symbolic (`u=rwX,go=rX`), or `preserve`: those of `src`.",
    }),
  ),
  ...writeParams,
  force: Type.Optional(
    Type.Boolean({ default: true, description: 'False: write only where nothing is there yet.' }),
  ),
  follow: Type.Optional(
    Type.Boolean({
      default: false,
      description: 'A link at `dest` is followed; else it is replaced by the file.',
    }),
  ),
};
