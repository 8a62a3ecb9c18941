/** What `omit` stands for: an argument with this value is left out, as in Ansible. */
export const OMIT: unique symbol = Symbol('omit');
