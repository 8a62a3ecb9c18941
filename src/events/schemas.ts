import { Type } from 'typebox';

const text = (description: string) => Type.String({ description });
const number = (description: string) => Type.Number({ description });
const maybe = Type.Optional;

/** Where something happened: which task of which play, on which host. */
const place = {
  play: Type.Integer({ description: 'Position of the play in the run, from 0.' }),
  task: text('The id of the task: the same in every run of the same files.'),
  host: text('The host, by its name in the inventory.'),
  delegate: maybe(text('The host that did it, where the task is delegated.')),
};

export const failureSchema = Type.Object(
  {
    code: text('From the list of error codes.'),
    message: text('One sentence that names the wrong value.'),
    hint: maybe(text('What to do.')),
    where: maybe(text('`file:line:col` of the cause.')),
    frame: maybe(text('The source line with a caret under the cause.')),
    stdout: maybe(text('What the command printed, bounded.')),
    stderr: maybe(text('What the command printed as errors, bounded.')),
    exitCode: maybe(number('How the command ended; 128 + n for signal n.')),
  },
  { description: 'Why something failed.' },
);

export const diffSchema = Type.Object(
  {
    subject: text('What differs: a path, or the name of a setting.'),
    kind: Type.Union([Type.Literal('content'), Type.Literal('value')]),
    before: maybe(text('Absent: there is nothing yet.')),
    after: maybe(text('Absent: it is removed.')),
    open: maybe(
      Type.Boolean({ description: 'What it becomes is decided when it is done; `after` says how.' }),
    ),
  },
  { description: 'One difference.' },
);

export const recapSchema = Type.Object(
  {
    ok: number('Tasks that ended well, changed ones too.'),
    changed: number('Tasks that changed something (in a dry run: would).'),
    unreachable: number('1 where the host could not be reached.'),
    failed: number('Tasks that failed.'),
    skipped: number('Tasks that were skipped.'),
    rescued: number('Failures that a rescue section dealt with.'),
    ignored: number('Failures that ignore_errors let pass.'),
  },
  { description: "Ansible's counts for one host." },
);

const FORECASTS = ['same', 'change', 'run', 'may-run', 'unknown'] as const;

export const forecastSchema = Type.Enum([...FORECASTS], {
  description:
    'Of a dry run: nothing to do, would change, an action would run, may run (it hangs on what is not known), or runs with an outcome that cannot be known.',
});

export const outlookSchema = Type.Object(
  {
    same: number('Tasks with nothing to do.'),
    change: number('Tasks that would change something.'),
    run: number('Actions that would run.'),
    'may-run': number('Tasks that may run.'),
    unknown: number('Tasks that would run, with an outcome that cannot be known.'),
    assuming: number('Forecasts among these that hold if a command before them changes nothing there.'),
  },
  { description: 'What a dry run foretells for one host.' },
);

export const statusSchema = Type.Union(
  [
    Type.Literal('ok'),
    Type.Literal('changed'),
    Type.Literal('skipped'),
    Type.Literal('failed'),
    Type.Literal('unreachable'),
  ],
  { description: 'How it ended.' },
);

/** Every event with its fields: the one source of the types, and of docs/generated/events.md. */
export const EVENTS = {
  'run.started': Type.Object(
    {
      run: text('The id of the run: the name of its folder in `.slipway/runs`.'),
      version: text('The version of Slipway.'),
      playbooks: Type.Array(Type.String(), { description: 'The playbook files, in order.' }),
      check: Type.Boolean({ description: 'A dry run.' }),
      diff: Type.Boolean({ description: 'Differences are asked for.' }),
      simulated: Type.Boolean({ description: 'The hosts are a lab: Kubernetes is simulated.' }),
      plays: Type.Array(
        Type.Object({ name: Type.String(), hosts: Type.Array(Type.String()), tasks: Type.Integer() }),
      ),
    },
    { description: 'The first event of a run.' },
  ),
  'play.started': Type.Object(
    { play: place.play, name: text('The name of the play.'), hosts: Type.Array(Type.String()) },
    { description: 'The first host of a play has begun.' },
  ),
  'play.finished': Type.Object(
    { play: place.play, duration: number('Milliseconds.') },
    { description: 'The last host of a play has ended.' },
  ),
  'host.connecting': Type.Object({ host: place.host }, { description: 'A connection is being opened.' }),
  'host.connected': Type.Object(
    { host: place.host, duration: number('Milliseconds from the first packet to a usable connection.') },
    { description: 'A connection is open.' },
  ),
  'host.unreachable': Type.Object(
    { host: place.host, failure: failureSchema },
    { description: 'A connection could not be opened.' },
  ),
  'task.started': Type.Object(
    {
      ...place,
      name: text('The name of the task.'),
      module: text('Its module.'),
      item: maybe(text('The item of its loop.')),
    },
    { description: 'A task (or an item of its loop) has begun to do something on a host.' },
  ),
  'task.output': Type.Object(
    {
      ...place,
      stream: Type.Union([Type.Literal('stdout'), Type.Literal('stderr')]),
      text: text('A piece of output.'),
    },
    { description: 'Live output; only with -v.' },
  ),
  'task.progress': Type.Object(
    { ...place, text: text('What is being done.'), fraction: maybe(number('0 to 1.')) },
    { description: 'How far a long step is.' },
  ),
  'task.retried': Type.Object(
    {
      ...place,
      attempt: number('The attempt that failed, from 1.'),
      of: number('Retries allowed.'),
      message: text('Why.'),
    },
    { description: 'An attempt was not enough; another follows.' },
  ),
  'task.finished': Type.Object(
    {
      ...place,
      name: text('The name of the task.'),
      module: text('Its module.'),
      item: maybe(text('The item of its loop.')),
      partial: maybe(
        Type.Boolean({ description: 'The event of a single item, which the recap does not count.' }),
      ),
      handler: maybe(Type.Boolean({ description: 'It is a handler.' })),
      status: statusSchema,
      why: maybe(text('Why it is so: what is already there, what differs, which condition does not hold.')),
      forecast: maybe(forecastSchema),
      assuming: maybe(
        text(
          'Of a dry run: the task before that would run a command; the forecast holds if it changes nothing here.',
        ),
      ),
      ignored: maybe(Type.Boolean({ description: 'The failure was let pass.' })),
      rescued: maybe(Type.Boolean({ description: 'A rescue section deals with the failure.' })),
      duration: number('Milliseconds.'),
      diff: maybe(Type.Array(diffSchema)),
      failure: maybe(failureSchema),
      result: maybe(
        Type.Record(Type.String(), Type.Unknown(), { description: 'What `register` holds, bounded.' }),
      ),
      says: maybe(Type.Array(Type.String(), { description: 'Lines for the user (debug).' })),
    },
    { description: 'A task has ended on a host: one for each item of a loop, then one for the whole.' },
  ),
  'handler.notified': Type.Object(
    { ...place, handler: text('Its name or topic.') },
    { description: 'A change asked for a handler.' },
  ),
  'handler.owed': Type.Object(
    {
      play: place.play,
      host: place.host,
      handler: text('Its name or topic.'),
      run: text('The run that was to run it, and ended before.'),
    },
    { description: 'A handler that the run before did not come to runs in this one.' },
  ),
  warning: Type.Object(
    {
      code: text('From the list of error codes.'),
      message: Type.String(),
      where: maybe(text('`file:line:col`.')),
    },
    { description: 'Something that does not stop the run.' },
  ),
  'run.interrupted': Type.Object(
    { signal: text('The signal.') },
    { description: 'The user asked the run to stop.' },
  ),
  'run.finished': Type.Object(
    {
      duration: number('Milliseconds.'),
      exitCode: number('0 ok, 2 a host failed, 4 a host unreachable, 99 interrupted.'),
      hosts: Type.Record(Type.String(), recapSchema),
      forecast: maybe(
        Type.Record(Type.String(), outlookSchema, { description: 'By host; only of a dry run.' }),
      ),
      roundTrips: Type.Record(Type.String(), Type.Number(), {
        description: 'How often each host was waited for.',
      }),
    },
    { description: 'The last event of a run.' },
  ),
};
