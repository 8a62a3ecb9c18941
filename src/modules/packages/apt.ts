import { Type } from 'typebox';
import { defineState } from '../../module/contract.ts';
import { inLines } from '../../module/program.ts';
import { applyApt } from '../apt/apply.ts';
import { compareApt } from '../apt/compare.ts';
import { aptParams } from '../apt/params.ts';
import { probeApt, readApt } from '../apt/probe.ts';
import { aptEffects, aptTouches, foreseeApt } from '../apt/outlook.ts';
import { pathSubject } from '../files/expected.ts';

export const apt = defineState({
  name: 'apt',
  summary: 'Packages of Debian and Ubuntu: installed, in a version, held, removed, upgraded.',
  description:
    'As `ansible.builtin.apt`, through apt-get. Beyond it: `hold`. The lists are fetched only when something has to ' +
    'be installed, or when `latest`, `upgrade` or nothing but `update_cache` asks for them; with `cache_valid_time` ' +
    'not before they are that old. Another apt or dpkg is waited for, its lock is never removed, and the process that ' +
    'holds it is named. Left out: `build-dep`, globs and comparisons in names, `deb` from a URL, ' +
    '`auto_install_module_deps`, `update_cache_retry_max_delay`; of the returns `stdout` and `stderr`: what apt-get says is shown while it ' +
    'runs, and told when it fails.',
  params: aptParams,
  returns: Type.Object({
    packages: Type.Record(Type.String(), Type.String(), { description: 'Installed versions by name.' }),
    cache_updated: Type.Boolean({ description: 'Whether the lists were fetched.' }),
    cache_update_time: Type.Optional(
      Type.Integer({ description: 'When the lists were fetched, in seconds since 1970.' }),
    ),
  }),
  detached: true,
  examples: [
    {
      title: 'a package, with lists that are at most an hour old',
      yaml: '- apt: {name: tree, update_cache: true, cache_valid_time: 3600}',
    },
    {
      title: 'remove a package with its configuration',
      yaml: '- apt: {name: nano, state: absent, purge: true}',
    },
    {
      title: 'keep a package at its version',
      yaml: '- apt: {name: curl, hold: true}',
    },
  ],

  probe: (p) => inLines(probeApt(p)),
  read: readApt,
  compare: compareApt,
  apply: applyApt,
  touches: aptTouches,
  reads: (p) => (p.deb === undefined ? [] : [pathSubject(p.deb)]),
  foresee: foreseeApt,
  effects: aptEffects,

  result: (state, _p, done) => ({
    cache_updated: done?.update ?? false,
    packages: Object.fromEntries([...state.installed].map(([name, { version }]) => [name, version])),
    ...(state.listsTime !== undefined && { cache_update_time: state.listsTime }),
  }),
});
