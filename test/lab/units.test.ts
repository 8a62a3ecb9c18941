import { describe, expect, test } from 'vitest';
import { parseArguments } from '../../src/lab/systemd/arguments.ts';
import {
  parseAssignments,
  parseEnvironmentFile,
  parseExec,
  splitWords,
} from '../../src/lab/systemd/command-line.ts';
import { milliseconds, parseUnit, value, values } from '../../src/lab/systemd/unit-file.ts';

describe('unit files', () => {
  const kubelet = parseUnit([
    '[Unit]\nDescription=kubelet\n# a comment\n[Service]\nExecStart=/usr/bin/kubelet\nRestart=always\nEnvironment=A=1 \\\n  B=2\n',
    '[Service]\nEnvironment="C=3 4"\nExecStart=\nExecStart=/usr/bin/kubelet $ARGS\n',
  ]);
  test('a drop-in adds, and an empty value forgets what stood before', () => {
    expect(values(kubelet, 'Service', 'ExecStart')).toEqual(['/usr/bin/kubelet $ARGS']);
    expect(values(kubelet, 'Service', 'Environment')).toEqual(['A=1 B=2', '"C=3 4"']);
    expect(value(kubelet, 'Unit', 'Description')).toBe('kubelet');
    expect(value(kubelet, 'Install', 'WantedBy')).toBeUndefined();
  });
  test('spans of time', () => {
    const all = ['5', '100ms', '1min 30s', '2h', 'infinity', '1.5s'];
    expect(all.map((text) => milliseconds(text, 0))).toEqual([5000, 100, 90_000, 7_200_000, Infinity, 1500]);
    expect(milliseconds(undefined, 7)).toBe(7);
  });
});

describe('command lines', () => {
  test('a word that is just $X becomes as many words as X has, ${X} stays one', () => {
    const environment = { ARGS: '--a=1 --b="two words"', ONE: 'x y', EMPTY: '' };
    const { argv } = parseExec('/bin/p $ARGS ${ONE} pre-${ONE} $EMPTY $$HOME $NONE', environment, {});
    expect(argv).toEqual(['/bin/p', '--a=1', '--b=two words', 'x y', 'pre-x y', '$HOME']);
  });
  test('prefixes, specifiers and quotes', () => {
    expect(parseExec('-/bin/p %n %% "a b" \'c d\' e\\ f', {}, { n: 'u.service' })).toEqual({
      argv: ['/bin/p', 'u.service', '%', 'a b', 'c d', 'e f'],
      ignoreFailure: true,
    });
    expect(parseExec(':/bin/p $X', { X: '1' }, {}).argv).toEqual(['/bin/p', '$X']);
    expect(splitWords('  a  ""  b ')).toEqual(['a', '', 'b']);
  });
  test('environment, inline and from a file', () => {
    expect(parseAssignments(['A=1 "B=two words"', 'C=x=y'])).toEqual({ A: '1', B: 'two words', C: 'x=y' });
    expect(parseEnvironmentFile('# no\nA=1\nexport B="two \\"words\\""\nC=\'$x\'\n;D=2\nnonsense\n')).toEqual(
      {
        A: '1',
        B: 'two "words"',
        C: '$x',
      },
    );
  });
});

describe("systemctl's arguments", () => {
  test('options stand anywhere and take their value in any form', () => {
    const args = parseArguments(['show', '-p', 'A,B', 'kubelet', '--property=C', '-PD', '--no-pager', '-q']);
    expect(args).toMatchObject({ verb: 'show', names: ['kubelet'], properties: ['A', 'B', 'C', 'D'] });
    expect([...args.flags]).toEqual(expect.arrayContaining(['--value', '--no-pager', '--quiet']));
    expect(parseArguments(['kill', '-s', 'HUP', 'x'])).toMatchObject({ signal: 'SIGHUP', names: ['x'] });
    expect(parseArguments(['cat', '--', '-odd'])).toMatchObject({ names: ['-odd'] });
    expect(parseArguments(['--version']).verb).toBe('version');
  });
});
