import { Type } from 'typebox';

// Parameters that several file modules share, with Ansible's meanings. Spread what is needed into Type.Object({...}).

/** `mode`, `owner` and `group`. */
export const attributeParams = {
  mode: Type.Optional(
    Type.String({
      description: "Permissions: octal digits in quotes (`'0644'`), or symbolic (`u=rwX,go=rX`).",
    }),
  ),
  owner: Type.Optional(Type.String({ description: 'Name of the owner, or digits for a user id.' })),
  group: Type.Optional(Type.String({ description: 'Name of the group, or digits for a group id.' })),
};

/** `backup` and `validate`, for modules that write one file through `putContent`. */
export const writeParams = {
  backup: Type.Optional(
    Type.Boolean({ default: false, description: 'Keep the old file beside the new one, with pid and time.' }),
  ),
  validate: Type.Optional(
    Type.String({
      description: 'A command that must succeed on the new file before it is put in place; `%s` is its path.',
      pattern: '%s',
    }),
  ),
  unsafe_writes: Type.Optional(
    Type.Boolean({
      default: false,
      description:
        'Write into the file itself where it cannot be replaced. A mount point is always written so.',
    }),
  ),
};
