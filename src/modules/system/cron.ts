import { type Static, Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { change, defineState, impossible, same } from '../../module/contract.ts';
import { type Subject, Unclear } from '../../module/outlook.ts';
import { pathSubject } from '../files/expected.ts';
import { type PathState, readPath } from '../files/path-state.ts';
import { editJob, editVariable, jobNames, variableNames } from '../jobs/crontab.ts';
import { probeCrontab, readCrontab, type UserCrontab, writeCrontab } from '../jobs/user-crontab.ts';
import { applyEdits, editEffects, foreseeText, probeText, textIn } from './managed-file.ts';

const field = (what: string) =>
  Type.Optional(
    Type.Union([Type.String({ pattern: '^[\\w*,/~-]+$' }), Type.Integer({ minimum: 0 })], {
      default: '*',
      description: what,
    }),
  );

const params = Type.Object({
  name: Type.Optional(
    Type.String({
      pattern: '^[^\\n]+$',
      description:
        'The job, or the variable with `env`. Without it, `absent` removes a `cron_file` as a whole.',
    }),
  ),
  job: Type.Optional(
    Type.String({ description: 'The command, or the value of the variable. Needed unless absent.' }),
  ),
  state: Type.Optional(
    Type.Enum(['present', 'absent'], { default: 'present', description: 'There or not.' }),
  ),
  minute: field('0 to 59, `*`, `*/2`, `1,31`.'),
  hour: field('0 to 23.'),
  day: field('1 to 31.'),
  month: field('1 to 12, or a name.'),
  weekday: field('0 to 6 from Sunday, or a name.'),
  special_time: Type.Optional(
    Type.Enum(['annually', 'daily', 'hourly', 'monthly', 'reboot', 'weekly', 'yearly'], {
      description: 'Instead of the five fields.',
    }),
  ),
  user: Type.Optional(
    Type.String({
      pattern: '^[^-:\\s][^:\\s]*$',
      description: 'Whose crontab, or as whom a job of a `cron_file` is run (root).',
    }),
  ),
  cron_file: Type.Optional(
    Type.String({
      description: 'A file in /etc/cron.d instead of a crontab. Debian reads none with a dot in its name.',
    }),
  ),
  disabled: Type.Optional(Type.Boolean({ default: false, description: 'Keep the job, but as a comment.' })),
  env: Type.Optional(
    Type.Boolean({ default: false, description: 'It is a variable for the jobs: `MAILTO`, `PATH`.' }),
  ),
  insertafter: Type.Optional(Type.String({ description: 'With `env`: behind that variable.' })),
  insertbefore: Type.Optional(Type.String({ description: 'With `env`: before that variable.' })),
  backup: Type.Optional(
    Type.Boolean({
      default: false,
      description: 'Keep a copy: of a crontab in /var/tmp, of a file beside it.',
    }),
  ),
});

type Params = Static<typeof params>;
type Current = { readonly file: PathState } | { readonly crontab: UserCrontab };

export const cron = defineState({
  name: 'cron',
  summary: 'A job of cron, in a crontab or in /etc/cron.d.',
  description:
    'As `ansible.builtin.cron`. A comment `#Slipway: NAME` marks a job; one that Ansible has marked is taken for the ' +
    'same. Other lines stay as they are. In a job cron reads `%` as the end of a line: write `\\%`.',
  params,
  returns: Type.Object({
    jobs: Type.Array(Type.String(), { description: 'Names of the jobs there.' }),
    envs: Type.Array(Type.String(), { description: 'Names of the variables there.' }),
  }),
  elsewhere: {
    dom: 'Write `day`.',
    dow: 'Write `weekday`.',
    value: 'Write `job`.',
  },
  examples: [
    {
      title: 'a backup of etcd every night',
      yaml: `
        - cron:
            name: etcd backup
            cron_file: etcd-backup
            minute: '30'
            hour: '2'
            job: /usr/local/bin/etcd-backup
      `,
    },
    {
      title: 'who gets mail from the jobs of root',
      yaml: '- cron: {name: MAILTO, env: true, user: root, job: admin@example.org}',
    },
    {
      title: 'a job of a user at each boot',
      yaml: "- cron: {name: warm up, user: root, special_time: reboot, job: 'sleep 60 && /usr/bin/true'}",
    },
  ],

  probe: (p) => (p.cron_file === undefined ? probeCrontab(p.user) : probeText(fileOf(p.cron_file))),

  read: (output, p): Current =>
    p.cron_file === undefined ? { crontab: readCrontab(output.stdout) } : { file: readPath(output.stdout) },

  compare: (current, p) => {
    const wanted = check(p);
    if ('crontab' in current && current.crontab.trouble) {
      if (current.crontab.trouble === 'no user') return impossible(`there is no user ${p.user}`);
      if (p.state === 'absent') return same('there is no crontab');
      return impossible('there is no crontab program', 'Install the package cron (Debian) or cronie.');
    }
    const place = p.cron_file === undefined ? `crontab of ${p.user ?? 'the user'}` : fileOf(p.cron_file);
    const before = textOf(current, p);
    const after = wanted(before);
    const gone = after === undefined && 'file' in current && current.file.own !== undefined;
    if (!gone && (after ?? before) === before)
      return same(`${p.name ?? place} is ${p.state === 'absent' ? 'not there' : 'as asked for'}`);
    const there = 'crontab' in current || current.file.real !== undefined;
    const diff = { subject: place, kind: 'content' as const, ...(there && { before }), after };
    return change<Current & { after: string | undefined }>(`${place} differs`, [diff], { ...current, after });
  },

  apply: (change, p) => {
    const backup = p.backup ?? false;
    if ('crontab' in change) return writeCrontab(p.user, change.crontab, change.after ?? '', backup);
    const path = fileOf(p.cron_file!);
    return applyEdits([
      { path, current: change.file, text: change.after, backup, attributes: { mode: '0644' } },
    ]);
  },

  touches: (p) => [subjectOf(p)],
  reads: (p) => (p.user === undefined ? [] : [`user:${p.user}`]),
  foresee: (current, p, outlook) => {
    if (!('crontab' in current)) {
      const file = foreseeText(fileOf(p.cron_file!), current.file, outlook);
      return file instanceof Unclear ? file : { file };
    }
    const user = p.user === undefined ? undefined : outlook.of(`user:${p.user}`);
    const programs = current.crontab.trouble === undefined ? undefined : outlook.of('package:');
    if (user ?? programs) return new Unclear((user ?? programs)!.by);
    const then = outlook.of(subjectOf(p));
    if (!then) return current;
    if (typeof then.state !== 'string') return new Unclear(then.by);
    return { crontab: { ...current.crontab, text: then.state } };
  },
  effects: (change, _current, p, doer) => {
    if ('crontab' in change) return [{ subject: subjectOf(p), state: change.after ?? '' }];
    const path = fileOf(p.cron_file!);
    return editEffects(
      [{ path, current: change.file, text: change.after, attributes: { mode: '0644' } }],
      doer,
    );
  },

  result: (current, p) => {
    const text = textOf(current, p);
    return { jobs: jobNames(text), envs: variableNames(text) };
  },
});

function subjectOf(p: Params): Subject {
  return p.cron_file === undefined ? `cron:${p.user ?? ''}@` : pathSubject(fileOf(p.cron_file));
}

function textOf(current: Current, p: Params): string {
  return 'crontab' in current ? current.crontab.text : textIn(current.file, fileOf(p.cron_file!));
}

/** What the text is to become; undefined: the file goes. @throws {SlipwayError} task.invalid */
function check(p: Params): (text: string) => string | undefined {
  const { name, job } = p;
  const absent = p.state === 'absent';
  if (name === undefined && absent && p.cron_file !== undefined) return () => undefined;
  if (name === undefined) throw invalid('`name` is missing', 'Give the job a name; it is found by it.');
  if (absent)
    return (text) =>
      p.env ? editVariable(text, { name, value: undefined }) : editJob(text, { name, line: undefined });
  if (job === undefined)
    throw invalid(`cron: ${name} has no job`, 'Write the command: job: /usr/local/bin/backup');
  if (job.trim().includes('\n'))
    throw invalid('a job is one line', 'Put the commands into a script and name that.');
  if (p.env)
    return (text) => editVariable(text, { name, value: job, after: p.insertafter, before: p.insertbefore });
  return (text) => editJob(text, { name, line: lineOf(p, job.trim()) });
}

function lineOf(p: Params, job: string): string {
  const fields = [p.minute, p.hour, p.day, p.month, p.weekday].map((value) => String(value ?? '*'));
  if (p.special_time !== undefined && fields.some((value) => value !== '*'))
    throw invalid('special_time stands instead of minute, hour, day, month and weekday', 'Give one of both.');
  const when = p.special_time === undefined ? fields.join(' ') : `@${p.special_time}`;
  const who = p.cron_file === undefined ? '' : `${p.user ?? 'root'} `;
  return `${p.disabled ? '#' : ''}${when} ${who}${job}`;
}

function fileOf(name: string): string {
  return name.startsWith('/') ? name : `/etc/cron.d/${name}`;
}

function invalid(message: string, hint: string): SlipwayError {
  return new SlipwayError('task.invalid', message, { hint });
}
