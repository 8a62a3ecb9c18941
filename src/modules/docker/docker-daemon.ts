import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineState, impossible, type Verdict } from '../../module/contract.ts';
import { lines, type Program, sh } from '../../module/program.ts';
import { editFile } from '../files/edit-file.ts';
import { pathWord } from '../files/path.ts';
import { type PathState, textOf } from '../files/path-state.ts';
import { INLINE_LIMIT } from '../files/probe-path.ts';
import { putContent } from '../files/put-content.ts';
import type { Way } from '../files/way.ts';
import { type Reread, reread } from './daemon/reread.ts';
import {
  changedKeys,
  formatSettings,
  isReloaded,
  type ListMerge,
  merge,
  parseSettings,
  remove,
  type Settings,
} from './daemon/settings.ts';

const PATH = '/etc/docker/daemon.json';
/** As much as travels inside of a program. */
const LARGEST = INLINE_LIMIT / 2;

interface FileChange {
  readonly current: PathState;
  readonly bytes?: Uint8Array;
}

interface Ready {
  readonly path: string;
  readonly file: Way<PathState, FileChange>;
  /** What the settings come to. */
  readonly edit: (settings: Settings) => Settings;
  readonly restart: boolean;
}

export const dockerDaemon = defineState({
  name: 'docker_daemon',
  summary: 'Settings of the Docker daemon, beside those that are in its `daemon.json` already.',
  description: `
Puts \`settings\` into the file and keeps all else of it: maps are merged key by key, to lists what is missing is added.
A running Docker then gets to know of it, by a reload where it takes all that changed over without a restart
(\`insecure-registries\`, \`registry-mirrors\`, \`live-restore\`, \`debug\`, \`labels\`, ...), else by a restart,
which ends its containers unless \`live-restore\` is on. If Docker does not take the file, the old one is put back and what
Docker said is the error. Ansible has no such module; a whole file of your own is written with \`template\` and a handler.
`,
  params: Type.Object({
    settings: Type.Record(Type.String(), Type.Unknown(), {
      description: 'Keys of `daemon.json`: `{insecure-registries: ["10.0.0.5:5000"]}`.',
    }),
    state: Type.Optional(
      Type.Enum(['present', 'absent'], {
        default: 'present',
        description:
          '`absent` takes them out again: values of lists, and keys that have just this value. What others set stays.',
      }),
    ),
    list_merge: Type.Optional(
      Type.Enum(['append', 'replace'], {
        default: 'append',
        description: 'What happens to a list that is there: it gets what it lacks, or it is replaced.',
      }),
    ),
    restart: Type.Optional(
      Type.Boolean({
        default: true,
        description: 'Restart Docker where a reload is not enough. Else that is yours to do.',
      }),
    ),
    path: Type.Optional(Type.String({ default: PATH, description: 'The file.', minLength: 1 })),
    backup: Type.Optional(
      Type.Boolean({ default: false, description: 'Keep the old file beside the new one.' }),
    ),
  }),
  returns: Type.Object({
    path: Type.String({ description: 'The file.' }),
    settings: Type.Record(Type.String(), Type.Unknown(), { description: 'All that it holds now.' }),
    restart_needed: Type.Boolean({
      description: 'Whether a setting was changed that Docker reads only when it starts.',
    }),
  }),
  examples: [
    {
      title: 'a registry in the own network that speaks plain HTTP',
      given: `mkdir -p /etc/docker; printf '{\\n\\t"log-driver": "journald"\\n}\\n' > /etc/docker/daemon.json`,
      yaml: `
        - docker_daemon: {settings: {insecure-registries: ['10.0.0.5:5000']}}
          become: true
      `,
    },
    {
      title: 'taken out again',
      skip: 'test/e2e/registry.test.ts runs the like',
      yaml: `
        - docker_daemon: {settings: {labels: ['b=2'], debug: true}, state: absent}
          become: true
      `,
    },
  ],

  prepare: (p): Ready => {
    const { path = PATH, backup, state, list_merge: lists = 'append', restart = true } = p;
    const ours = jsonOf(p.settings);
    const absent = state === 'absent';
    const edit = (theirs: Settings) =>
      absent ? remove(theirs, ours) : merge(theirs, ours, lists as ListMerge);
    const file = editFile(
      { path, backup, create: true },
      {
        edit: (text) => editText(text, edit),
        settled: absent ? 'has none of these settings' : 'has these settings',
        absentIsFine: absent,
      },
    ) as Way<PathState, FileChange>;
    return { path, file, edit, restart };
  },

  probe: ({ file }) => file.probe(),
  read: (output, { file }) => file.read(output),
  compare: (current, { file, path }): Verdict<FileChange> => {
    const text = textOf(current.bytes);
    if (text === undefined) return file.compare(current);
    if (text.length > LARGEST)
      return impossible(`${path} has ${text.length} bytes, which is no configuration of Docker`);
    try {
      parseSettings(text);
    } catch (error) {
      return impossible(
        `${path} is no JSON that Docker could read: ${(error as Error).message}`,
        'Put it right, or remove it; then run again.',
      );
    }
    return file.compare(current);
  },
  apply: (to, { file, path, restart }) =>
    lines(file.apply(to) as Program, reread(rereadOf(to, restart), restore(to, path))),

  touches: ({ file }) => file.touches(),
  foresee: (current, { file }, outlook) => file.foresee(current, outlook),
  effects: (to, current, { file }, doer) => file.effects!(to, current, doer),
  result: (current, { path }, done) => ({
    path,
    settings: settingsOf(current.bytes),
    restart_needed: done !== undefined && needsRestart(done),
  }),
  forecast: (to, current, { path, edit }) => ({
    path,
    settings: edit(settingsOf(current.bytes)),
    restart_needed: needsRestart(to),
  }),
});

function editText(text: string, edit: (settings: Settings) => Settings): { text: string; msg: string } {
  const before = parseSettings(text);
  const after = edit(before);
  const keys = changedKeys(before, after);
  if (keys.length === 0 && text !== '') return { text, msg: '' };
  const how = isReloaded(before, after)
    ? 'Docker takes it over by a reload'
    : 'Docker has to be restarted for it';
  return { text: formatSettings(after, text), msg: `${keys.join(', ') || 'no settings'} (${how})` };
}

/** Numbers and texts as they were written; what is no JSON cannot be meant. */
function jsonOf(settings: Readonly<Record<string, unknown>>): Settings {
  const plain = JSON.parse(JSON.stringify(settings)) as Settings;
  const [empty] = Object.keys(plain).filter((key) => key.trim() === '');
  if (empty !== undefined) throw new SlipwayError('task.invalid', 'a key of settings is empty');
  return plain;
}

function settingsOf(bytes: Uint8Array | undefined): Settings {
  try {
    return parseSettings(textOf(bytes) ?? '');
  } catch {
    return {};
  }
}

function needsRestart(to: FileChange): boolean {
  if (!to.bytes) return false;
  return !isReloaded(settingsOf(to.current.bytes), settingsOf(to.bytes));
}

function rereadOf(to: FileChange, restart: boolean): Reread {
  if (!to.bytes) return 'none';
  if (!needsRestart(to)) return 'reload';
  return restart ? 'restart' : 'none';
}

/** sh that puts back what was there. */
function restore({ current }: FileChange, path: string): Program {
  if (!current.bytes) return sh`rm -f ${pathWord(path)}`;
  return putContent({ path, content: { bytes: current.bytes }, current, follow: true }) as Program;
}
