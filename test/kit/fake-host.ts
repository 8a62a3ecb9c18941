import type { Duplex } from 'node:stream';
import { SlipwayError } from '../../src/base/errors.ts';
import type { Content, Host, RunOptions } from '../../src/module/host.ts';
import type { Program } from '../../src/module/program.ts';
import type { Clock, Output } from '../../src/transport/types.ts';

/** One exchange with a host, in order: the exact program, and what the host answers. */
export interface Exchange {
  /** The program's text (outer white space apart). */
  readonly run: string;
  /** For `send`: the text sent, or the path of the file. */
  readonly send?: string;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly code?: number;
  /** The other host that is asked, for `host.on(name)`. */
  readonly on?: string;
}

export function outputOf(
  given: { stdout?: string; stderr?: string; code?: number; clock?: Clock } | string | undefined,
): Output {
  if (typeof given === 'string') return { code: 0, stdout: given, stderr: '' };
  const clock = given?.clock && { clock: given.clock };
  return { code: given?.code ?? 0, stdout: given?.stdout ?? '', stderr: given?.stderr ?? '', ...clock };
}

async function textOf(content: Content): Promise<string> {
  if ('path' in content) return content.path;
  if ('bytes' in content) return Buffer.from(content.bytes).toString('utf8');
  return Buffer.concat(await content.stream.toArray()).toString('utf8');
}

/** A host that answers exactly the exchanges it was given; anything else fails the test. */
export class FakeHost implements Host {
  readonly name: string;
  readonly progressed: string[] = [];
  readonly #script: Exchange[];

  constructor(script: readonly Exchange[], name = 'n1') {
    this.#script = [...script];
    this.name = name;
  }

  get left(): readonly Exchange[] {
    return this.#script;
  }

  async run(program: Program, options: RunOptions = {}): Promise<Output> {
    return this.#answer(this.name, program, undefined, options);
  }

  async send(content: Content, program: Program, options: RunOptions = {}): Promise<Output> {
    const sent = await textOf(content);
    return this.#answer(this.name, program, sent, options);
  }

  async receive(program: Program, _toPath: string, options: RunOptions = {}): Promise<number> {
    return this.#answer(this.name, program, undefined, options).stdout.length;
  }

  dial(): Promise<Duplex> {
    throw new Error('a fake host has no sockets');
  }

  on(host: string): Host {
    const answer = (program: Program, sent: string | undefined, options: RunOptions = {}) =>
      this.#answer(host, program, sent, options);
    const other: Host = {
      name: host,
      run: async (program, options) => answer(program, undefined, options),
      send: async (content, program, options) => answer(program, await textOf(content), options),
      receive: async (program, _path, options) => answer(program, undefined, options).stdout.length,
      dial: () => this.dial(),
      on: (name) => this.on(name),
      login: () => other,
      together: (make) => make(),
      afterwards: () => {},
      progress: (text) => this.progress(text),
      reconnect: async () => {},
      until: (event) => event,
      sleep: async () => {},
    };
    return other;
  }

  login(): Host {
    return this;
  }

  together<T>(make: () => T): T {
    return make();
  }

  afterwards(): void {}

  progress(text: string): void {
    this.progressed.push(text);
  }

  async reconnect(): Promise<void> {}

  until<T>(event: Promise<T>): Promise<T> {
    return event;
  }

  async sleep(): Promise<void> {}

  #answer(host: string, program: Program, sent: string | undefined, options: RunOptions): Output {
    const next = this.#script.shift();
    const asked = program.text.trim();
    const expected = next?.run.trim();
    if (!next || asked !== expected || (next.on ?? this.name) !== host || next.send !== sent) {
      throw new Error(
        `unexpected on ${host}:\n${asked}\n(sent: ${sent ?? '-'})\nexpected:\n${JSON.stringify(next)}`,
      );
    }
    const output = outputOf(next);
    if (output.code !== 0 && !options.anyExit) {
      throw new SlipwayError('task.command', output.stderr.trim() || `exit ${output.code}`, {
        data: { ...output },
      });
    }
    return output;
  }
}
