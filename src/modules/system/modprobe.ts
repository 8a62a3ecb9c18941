import { type Static, Type } from 'typebox';
import { change, defineState, type Difference, impossible, same } from '../../module/contract.ts';
import { Unclear } from '../../module/outlook.ts';
import { lines, type Program, sh } from '../../module/program.ts';
import { pathSubject } from '../files/expected.ts';
import { type PathState, readPaths } from '../files/path-state.ts';
import { adviceFor, type KernelModule, kernelName, probeModule, readModule } from '../kernel/module-probe.ts';
import {
  applyEdits,
  editEffects,
  foreseeText,
  probeText,
  type TextEdit,
  textDifference,
  textIn,
} from './managed-file.ts';

const params = Type.Object({
  name: Type.String({ description: 'The module: `br_netfilter`.', pattern: '^\\w[\\w-]*$' }),
  state: Type.Optional(
    Type.Enum(['present', 'absent'], { default: 'present', description: 'Loaded or not, now.' }),
  ),
  params: Type.Optional(
    Type.String({ default: '', description: 'Its parameters, for when it is loaded: `numdummies=2`.' }),
  ),
  persistent: Type.Optional(
    Type.Enum(['disabled', 'present', 'absent'], {
      default: 'disabled',
      description:
        'At boot: `present` writes `/etc/modules-load.d/NAME.conf` (and the parameters to `/etc/modprobe.d/NAME.conf`), ' +
        '`absent` takes it out, `disabled` leaves it.',
    }),
  ),
});

type Params = Static<typeof params>;

interface Current {
  readonly module: KernelModule;
  readonly load: PathState;
  readonly options: PathState;
  /** Other files that have it loaded at boot. */
  readonly elsewhere: readonly string[];
}

interface Change {
  readonly live: 'load' | 'unload' | undefined;
  readonly edits: readonly TextEdit[];
  readonly elsewhere: readonly string[];
}

const loadFile = (p: Params) => `/etc/modules-load.d/${p.name}.conf`;
const optionsFile = (p: Params) => `/etc/modprobe.d/${p.name}.conf`;
/** Both spellings: modules-load.d takes them for the same. */
const anySpelling = (name: string) => name.replaceAll(/[-_]/g, '[-_]');

export const modprobe = defineState({
  name: 'modprobe',
  summary: 'A module of the kernel, now and at boot.',
  description:
    'As `community.general.modprobe`. What is built into the kernel counts as loaded. Parameters are given when the ' +
    'module is loaded; those of a loaded module stay. `persistent: absent` also comments the module out where other ' +
    'files in `/etc/modules-load.d` name it.',
  params,
  returns: Type.Object({
    name: Type.String(),
    state: Type.String({ description: '`present` or `absent`.' }),
    builtin: Type.Boolean({ description: 'Part of the kernel itself: cannot be taken out.' }),
  }),
  examples: [
    {
      title: 'what container runtimes need, now and at boot',
      yaml: '- modprobe: {name: overlay, persistent: present}',
    },
  ],

  probe: (p) => {
    if ((p.persistent ?? 'disabled') === 'disabled') return probeModule(p.name);
    const line = `^[[:space:]]*${anySpelling(p.name)}[[:space:]]*$`;
    const elsewhere = sh`
      for f in /etc/modules /etc/modules-load.d/*.conf; do
        if [ -f "$f" ] && [ ! -L "$f" ] && [ "$f" != ${loadFile(p)} ] && grep -q ${line} "$f"; then printf 'elsewhere %s\n' "$f"; fi
      done
    `;
    return lines(
      probeModule(p.name),
      p.persistent === 'absent' && elsewhere,
      probeText(loadFile(p)),
      probeText(optionsFile(p)),
    );
  },

  read: (output): Current => {
    const [load, options] = readPaths(output.stdout);
    const nothing: PathState = { own: undefined, real: undefined, parent: true, inside: false };
    return {
      module: readModule(output.stdout),
      load: load ?? nothing,
      options: options ?? nothing,
      elsewhere: [...output.stdout.matchAll(/^elsewhere (.*)$/gm)].map((found) => found[1]!),
    };
  },

  compare: (current, p) => {
    const { module } = current;
    const there = isThere(module);
    const absent = p.state === 'absent';
    if (absent && module.state === 'builtin')
      return impossible(`${p.name} is built into the kernel`, 'It cannot be unloaded: drop this task.');
    if (!absent && (module.state === 'missing' || module.state === 'no modprobe'))
      return impossible(
        module.state === 'missing'
          ? `the kernel ${module.release} has no module ${p.name}`
          : `${p.name} is not loaded and there is no modprobe`,
        adviceFor(module),
      );
    const diff: Difference[] = [];
    if (there === absent)
      diff.push({
        subject: p.name,
        before: there ? 'loaded' : 'not loaded',
        after: absent ? 'not loaded' : 'loaded',
      });
    const edits = bootEdits(current, p);
    diff.push(...edits.flatMap((edit) => textDifference(edit) ?? []));
    for (const file of current.elsewhere) diff.push({ subject: file, before: p.name, after: `#${p.name}` });
    if (diff.length === 0) return same(sameness(module, p));
    const live = there !== absent ? undefined : absent ? 'unload' : 'load';
    const why = live ? `is ${there ? 'loaded' : 'not loaded'}` : 'at boot is otherwise';
    return change<Change>(`${p.name} ${why}`, diff, { live, edits, elsewhere: current.elsewhere });
  },

  apply: ({ live, edits, elsewhere }, p) =>
    applyEdits(edits, { before: liveProgram(live, p), after: commentOut(elsewhere, p.name) }),

  result: ({ module }, p) => ({
    name: p.name,
    state: isThere(module) ? 'present' : 'absent',
    builtin: module.state === 'builtin',
  }),
  touches: (p) => {
    const elsewhere = p.persistent === 'absent' ? ['/etc/modules', '/etc/modules-load.d'] : [];
    return [`module:${kernelName(p.name)}`, ...[...pathsOf(p), ...elsewhere].map(pathSubject)];
  },
  foresee: (current, p, outlook) => {
    const then = outlook.concerning([`module:${kernelName(p.name)}`]);
    const known = then?.state as KernelModule['state'] | undefined;
    if (then && !known) return new Unclear(then.by);
    const module = known ? { ...current.module, state: known } : current.module;
    if (pathsOf(p).length === 0) return { ...current, module };
    const load = foreseeText(loadFile(p), current.load, outlook);
    const options = foreseeText(optionsFile(p), current.options, outlook);
    const folder = p.persistent === 'absent' ? outlook.within('/etc/modules-load.d') : undefined;
    if (folder) return new Unclear(folder.by);
    if (load instanceof Unclear) return load;
    return options instanceof Unclear ? options : { ...current, module, load, options };
  },
  effects: ({ live, edits, elsewhere }, _current, p, doer) => [
    ...(live
      ? [{ subject: `module:${kernelName(p.name)}` as const, state: live === 'load' ? 'loaded' : 'unloaded' }]
      : []),
    ...editEffects(edits, doer),
    ...elsewhere.map((path) => ({ subject: pathSubject(path) })),
  ],
});

function pathsOf(p: Params): string[] {
  return (p.persistent ?? 'disabled') === 'disabled' ? [] : [loadFile(p), optionsFile(p)];
}

function isThere({ state }: KernelModule): boolean {
  return state === 'loaded' || state === 'builtin';
}

function sameness(module: KernelModule, p: Params): string {
  const state = { loaded: 'is loaded', builtin: 'is built into the kernel' } as Record<string, string>;
  const boot = { present: ', also at boot', absent: ', nor at boot' } as Record<string, string>;
  return `${p.name} ${state[module.state] ?? 'is not loaded'}${boot[p.persistent ?? 'disabled'] ?? ''}`;
}

function bootEdits(current: Current, p: Params): TextEdit[] {
  const load = { path: loadFile(p), current: current.load };
  const options = { path: optionsFile(p), current: current.options };
  const edits: TextEdit[] = [];
  if (p.persistent === 'present') {
    edits.push({ ...load, text: `${p.name}\n` });
    if (p.params) edits.push({ ...options, text: `options ${p.name} ${p.params}\n` });
  }
  if (p.persistent === 'absent') {
    edits.push({ ...load, text: undefined });
    if (isOnlyOptions(textIn(current.options, options.path), p.name))
      edits.push({ ...options, text: undefined });
  }
  return edits.filter((edit) => textDifference(edit) !== undefined);
}

/** Whether a file holds the module's parameters and nothing else, so that it can go. */
function isOnlyOptions(text: string, name: string): boolean {
  const own = new RegExp(`^\\s*(#.*|options\\s+${anySpelling(name)}(\\s.*)?)?$`);
  return text.split('\n').every((line) => own.test(line));
}

function liveProgram(live: Change['live'], p: Params): Program | undefined {
  if (live === 'unload') return sh`modprobe -r ${kernelName(p.name)}`;
  if (live !== 'load') return undefined;
  const given = (p.params ?? '').split(/\s+/).filter((word) => word !== '');
  const why = `${p.name} could not be loaded; a container without the right to do it needs it loaded on its machine, and \`dmesg\` tells more`;
  return sh`modprobe ${[p.name, ...given]} || { echo ${why} >&2; exit 1; }`;
}

function commentOut(files: readonly string[], name: string): Program | undefined {
  if (files.length === 0) return undefined;
  return sh`sed -i ${`s/^[[:space:]]*${anySpelling(name)}[[:space:]]*$/#&/`} ${files}`;
}
