import { describe, expect, it } from 'vitest';
import { insteadOf } from '../../src/module/unknown-parameter.ts';
import { modules } from '../../src/modules/index.generated.ts';

const hint = (module: string, key: string) => insteadOf(key, modules.get(module)!);

describe('a parameter that only Ansible has', () => {
  it('is answered with what to write', () => {
    expect(hint('unarchive', 'copy')).toContain('remote_src: true');
    expect(hint('cron', 'dom')).toBe('Write `day`.');
    expect(hint('template', 'trim_blocks')).toContain('Handlebars');
  });

  it('is answered alike where many modules have it', () => {
    expect(hint('file', 'setype')).toBe(hint('copy', 'setype'));
    expect(hint('file', 'setype')).toContain('chcon');
  });

  it('leaves typing errors to the names that are near', () => {
    expect(hint('file', 'pth')).toContain('`path`');
    expect(hint('file', 'constructor')).toContain('Known here');
  });

  it.each([...modules.values()])('$name has none of those that it sends elsewhere', (module) => {
    const known = Object.keys(module.params.properties);
    expect(Object.keys(module.elsewhere ?? {}).filter((key) => known.includes(key))).toEqual([]);
    for (const text of Object.values(module.elsewhere ?? {}))
      for (const [, name] of text.matchAll(/^Write `(\w+)`\.$/g)) expect(known).toContain(name);
  });
});
