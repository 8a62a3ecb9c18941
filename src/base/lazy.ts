/**
 * A record that is only made when somebody looks into it: facts of thousands of hosts are gathered, and those of most
 * hosts never read. `make` must not fail.
 */
export function lazyRecord(make: () => Record<string, unknown>): Record<string, unknown> {
  let made: Record<string, unknown> | undefined;
  const whole = () => (made ??= make());
  return new Proxy<Record<string, unknown>>(
    {},
    {
      get: (_, key) => Reflect.get(whole(), key) as unknown,
      has: (_, key) => Reflect.has(whole(), key),
      ownKeys: () => Reflect.ownKeys(whole()),
      getOwnPropertyDescriptor: (_, key) => Reflect.getOwnPropertyDescriptor(whole(), key),
      set: () => false,
      deleteProperty: () => false,
    },
  );
}
