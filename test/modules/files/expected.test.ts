import { describe, expect, it } from 'vitest';
import { Unclear } from '../../../src/module/outlook.ts';
import {
  becomes,
  ensures,
  foreseePath,
  isFolderThen,
  isSet,
  makesFolder,
  NOTHING,
  pathSubject,
  stateAfter,
} from '../../../src/modules/files/expected.ts';
import type { PathState } from '../../../src/modules/files/path-state.ts';
import { HostOutlook } from '../../../src/run/outlook.ts';

const ROOT = { user: 'root' };
const bytes = (text: string) => new TextEncoder().encode(text);
const file = (text: string, attributes = {}, doer: { user: string | undefined } = ROOT) =>
  stateAfter(NOTHING, { type: 'file', attributes, bytes: bytes(text) }, doer);
const folder = (attributes = {}) => stateAfter(NOTHING, { type: 'directory', attributes }, ROOT);
/** As a probe finds a file that is there. */
const found = (text: string, attributes = {}): PathState => {
  const state = file(text, attributes);
  const stat = { ...state.own!, inode: 5, mtime: 7 };
  return { ...state, own: stat, real: stat };
};

/** What is expected of a path after effects, each by a task of its number. */
function after(path: string, now: PathState, effects: ReturnType<typeof becomes>[][], needs = {}) {
  const outlook = new HostOutlook();
  for (const [at, some] of effects.entries()) outlook.expect(some, `task ${at}`);
  return foreseePath(path, now, outlook, needs);
}
const type = (state: PathState | Unclear) => (state instanceof Unclear ? state.by : state.own?.type);

describe('a path in a dry run', () => {
  it('is as it is found where nothing happens to it', () => {
    const now = found('a');
    expect(after('/srv/a', now, [])).toBe(now);
    expect(after('/srv/a', now, [[becomes('/srv/b', file('b'))]])).toBe(now);
    // Another name that begins alike is no folder above.
    expect(after('/srv/ab', now, [[becomes('/srv/a', NOTHING)]])).toBe(now);
  });

  it('is known under each spelling of it', () => {
    expect(pathSubject('/srv//a/./b/')).toBe('path:/srv/a/b');
    expect(pathSubject('/')).toBe('path:/');
    const seen = after('/srv/a//b/', NOTHING, [[becomes('/srv/./a/b', file('x'))]]);
    expect(seen).toMatchObject({ bytes: bytes('x') });
  });

  it('is what the last task makes of it', () => {
    const made = [becomes('/srv/a', file('1'))];
    const gone = [becomes('/srv/a', NOTHING)];
    expect(type(after('/srv/a', found('0'), [made, gone]))).toBeUndefined();
    expect(after('/srv/a', found('0'), [gone, made])).toMatchObject({ bytes: bytes('1') });
  });

  it('is unknown where a task touches it and does not say how', () => {
    expect(after('/srv/a', found('0'), [[{ subject: 'path:/srv/a' }]])).toEqual(new Unclear('task 0'));
    expect(type(after('/srv/a/b', found('0'), [[{ subject: 'path:/srv/a' }]]))).toBe('task 0');
    // A later one that says it settles that.
    const settled = after('/srv/a', found('0'), [
      [{ subject: 'path:/srv/a' }],
      [becomes('/srv/a', file('1'))],
    ]);
    expect(settled).toMatchObject({ bytes: bytes('1') });
  });

  it('keeps its content where only its attributes are set', () => {
    const now = found('kept');
    const set = isSet('/srv/a', stateAfter(now, { type: 'file', attributes: { mode: '0600' } }, ROOT));
    const seen = after('/srv/a', now, [[set]], { content: 'bytes' });
    expect(seen).toMatchObject({ own: { mode: 0o600 }, bytes: bytes('kept') });
  });
});

describe('a folder above it', () => {
  it('that is removed takes it along', () => {
    const seen = after('/srv/a/b', found('x'), [[becomes('/srv/a', NOTHING)]]);
    expect(seen).toMatchObject({ own: undefined, parent: false });
  });

  it('that is made anew is empty', () => {
    const remade = [[becomes('/srv/a', NOTHING)], makesFolder('/srv/a', folder(), true)];
    expect(after('/srv/a/b', found('x'), remade)).toMatchObject({ own: undefined, parent: true });
    expect(after('/srv/a/b/c', found('x'), remade)).toMatchObject({ own: undefined, parent: false });
  });

  it('that was there before the file was written changes nothing of that', () => {
    const written = [makesFolder('/srv/a', folder(), true), [becomes('/srv/a/b', file('x'))]];
    expect(after('/srv/a/b', NOTHING, written)).toMatchObject({ bytes: bytes('x') });
    const removed = [...written, [becomes('/srv/a', NOTHING)]];
    expect(after('/srv/a/b', NOTHING, removed)).toMatchObject({ own: undefined, parent: false });
  });

  it('is made with those that are missing above it', () => {
    const made = makesFolder('/srv/a/b', folder(), false);
    const outlook = new HostOutlook();
    outlook.expect(made, 'make');
    expect(isFolderThen('/srv/a', outlook)).toBe(true);
    expect(isFolderThen('/srv/a/b/c', outlook)).toBe(false);
    expect(foreseePath('/srv/a/x', { ...NOTHING, parent: false }, outlook)).toMatchObject({ parent: true });
  });

  it('that is only seen to be there leaves what is in it', () => {
    const now = found('x');
    expect(after('/srv/a/b', now, [ensures('/srv/a', folder())])).toBe(now);
    // Where there was none, a file can be written then.
    const seen = after('/srv/a/b', { ...NOTHING, parent: false }, [ensures('/srv/a', folder())]);
    expect(seen).toMatchObject({ own: undefined, parent: true });
    // Itself it is made where it is missing, and stays as it is where it is there.
    expect(type(after('/srv/a', NOTHING, [ensures('/srv/a', folder())]))).toBe('directory');
    const there = { ...folder(), own: { ...folder().own!, mode: 0o700 } };
    expect(after('/srv/a', there, [ensures('/srv/a', folder())])).toBe(there);
  });

  it('that becomes something else leaves unknown what a path through it is', () => {
    expect(type(after('/srv/a/b', found('x'), [[becomes('/srv/a', file('now a file'))]]))).toBe('task 0');
  });
});

describe('what is not there', () => {
  const packages = [{ subject: 'package:nginx', state: {} } as const];

  it('may come with a package, where packages bring files', () => {
    expect(type(after('/etc/nginx.conf', NOTHING, [packages]))).toBe('task 0');
    expect(type(after('/usr/bin/nginx', NOTHING, [packages]))).toBe('task 0');
    expect(after('/srv/nginx', NOTHING, [packages])).toBe(NOTHING);
    expect(after('/usr/local/bin/nginx', NOTHING, [packages])).toBe(NOTHING);
    expect(after('/srvx/a', NOTHING, [packages])).toBeInstanceOf(Unclear);
  });

  it('does not matter to who writes it all anew into a folder that is there', () => {
    const replaces = { replaces: true };
    expect(after('/etc/nginx.conf', NOTHING, [packages], replaces)).toBe(NOTHING);
    const nowhere = { ...NOTHING, parent: false };
    expect(type(after('/etc/nginx/nginx.conf', nowhere, [packages], replaces))).toBe('task 0');
  });

  it('is known not to be there where a task removed it or made the folder', () => {
    expect(type(after('/etc/a', found('x'), [packages, [becomes('/etc/a', NOTHING)]]))).toBeUndefined();
    const made = makesFolder('/etc/own', folder(), true);
    expect(type(after('/etc/own/a', NOTHING, [packages, made]))).toBeUndefined();
  });
});

describe('what a module needs to know', () => {
  it('is missing where only the hash of a content is known', () => {
    const hashed = [[becomes('/srv/a', { ...file('x'), bytes: undefined })]];
    expect(after('/srv/a', NOTHING, hashed, { content: 'hash' })).toMatchObject({ sha256: file('x').sha256 });
    expect(type(after('/srv/a', NOTHING, hashed, { content: 'bytes' }))).toBe('task 0');
  });

  it('is missing where nobody knows the id of the owner that a task gives', () => {
    const owned = [[becomes('/srv/a', file('x', { owner: 'ada' }))]];
    const asked = (owner: string) => after('/srv/a', NOTHING, owned, { attributes: { owner } });
    expect(asked('ada')).toMatchObject({ own: { owner: 'ada' } });
    expect(type(asked('1000'))).toBe('task 0');
  });

  it('is missing where nobody knows who logs in', () => {
    const made = [[becomes('/srv/a', file('x', {}, { user: undefined }))]];
    expect(type(after('/srv/a', NOTHING, made, { attributes: { owner: 'ada' } }))).toBe('task 0');
    expect(type(after('/srv/a', NOTHING, made))).toBe('file');
  });

  it('is missing of a link, unless links are understood', () => {
    const stat = { ...file('').own!, type: 'link' as const };
    const linked = [[becomes('/srv/a', { ...NOTHING, own: stat, target: '/srv/b' })]];
    expect(type(after('/srv/a', NOTHING, linked))).toBe('task 0');
    expect(type(after('/srv/a', NOTHING, linked, { link: true }))).toBe('link');
  });
});

describe('what a change leaves', () => {
  it('has the attributes that are asked for, those that are there, or those of who does it', () => {
    expect(file('x').own).toMatchObject({
      mode: 0o644,
      uid: 0,
      owner: 'root',
      gid: 0,
      group: 'root',
      size: 1,
    });
    expect(folder().own).toMatchObject({ mode: 0o755, type: 'directory' });
    const now = found('x', { mode: '0640', owner: '33' });
    const changed = stateAfter(now, { type: 'file', attributes: { mode: 'u+x' }, bytes: bytes('yy') }, ROOT);
    expect(changed.own).toMatchObject({ mode: 0o740, uid: 33, size: 2 });
    expect(file('x', {}, { user: 'ada' }).own).toMatchObject({ owner: 'ada', uid: -1, group: '', gid: -1 });
  });

  it('has nothing of what was there of another kind', () => {
    const now = found('x', { mode: '0600' });
    const made = stateAfter(now, { type: 'directory', attributes: {} }, ROOT);
    expect(made.own).toMatchObject({ type: 'directory', mode: 0o755 });
  });
});
