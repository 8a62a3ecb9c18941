/** bcrypt alone: of all that an htpasswd file may hold, registries take nothing else, and Node has none. */
export interface Bcrypt {
  /** A new hash with a salt of its own, as `htpasswd -B` writes it. */
  hash(password: string): string;
  /** Whether a hash is that of the password; false for a hash of another kind. */
  fits(password: string, hash: string): boolean;
  /** What counts of a password ends after 72 bytes. */
  isTooLong(password: string): boolean;
}

const SHAPE = /^\$2[aby]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;

/** @param cost doublings of the work */
export async function loadBcrypt(cost = 10): Promise<Bcrypt> {
  const { compareSync, hashSync, truncates } = (await import('bcryptjs')).default;
  return {
    hash: (password) => hashSync(password, cost).replace(/^\$2b\$/, '$2y$'),
    fits: (password, hash) => SHAPE.test(hash) && compareSync(password, hash),
    isTooLong: truncates,
  };
}
