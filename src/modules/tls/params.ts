import { type Static, Type } from 'typebox';

export const params = Type.Object({
  path: Type.String({ description: 'The certificate, in PEM.', minLength: 1 }),
  privatekey_path: Type.String({
    description: 'Its key. Made where it is missing, always 0600; one that is there is kept.',
    minLength: 1,
  }),
  common_name: Type.String({
    description: 'Name in the subject.',
    pattern: '^[A-Za-z0-9 ._:@*-]{1,64}$',
  }),
  subject_alt_name: Type.Optional(
    Type.Array(Type.String({ pattern: '^[^\\s,$\\\\#]+$' }), {
      description:
        'What it is good for: `[registry.lan, 10.0.0.5]`, or with a kind before it, `DNS:registry.lan`. Clients look at nothing else.',
    }),
  ),
  provider: Type.Optional(
    Type.Enum(['selfsigned', 'ownca'], {
      default: 'selfsigned',
      description: 'Who signs: its own key, or a CA that is on the same host.',
    }),
  ),
  ownca_path: Type.Optional(Type.String({ description: 'Certificate of the CA.' })),
  ownca_privatekey_path: Type.Optional(Type.String({ description: 'Key of the CA.' })),
  is_ca: Type.Optional(
    Type.Boolean({ default: false, description: 'It may sign others, and is good for nothing else.' }),
  ),
  valid_days: Type.Optional(
    Type.Integer({ default: 825, minimum: 1, description: 'How long a new one is valid.' }),
  ),
  renew_days: Type.Optional(
    Type.Integer({
      default: 30,
      minimum: 0,
      description: 'It is made anew, with the same key, when it is valid for less than this.',
    }),
  ),
  type: Type.Optional(
    Type.Enum(['ECC', 'RSA'], {
      default: 'ECC',
      description: 'Kind of a new key: P-256, or RSA with 3072 bits.',
    }),
  ),
  owner: Type.Optional(Type.String({ description: 'Name of the owner of both files, or digits.' })),
  group: Type.Optional(Type.String({ description: 'Name of the group of both files, or digits.' })),
});

export type Params = Static<typeof params>;
