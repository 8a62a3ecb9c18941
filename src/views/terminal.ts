import { counted } from '../base/counted.ts';
import { Listr, type ListrRenderer } from 'listr2';
import type { Event } from '../events/types.ts';
import { cut, type Paint, paintFor } from './colour.ts';
import { duration } from './duration.ts';
import { frameLines } from './frame.ts';
import { otherLines } from './lines.ts';
import { emptyModel, fold, type Model } from './model.ts';
import type { View, ViewOptions } from './view.ts';
import { detailLines, isOpen, recapLines, taskLine } from './words.ts';

/** Frames a second: more only burns CPU that the connections need. */
const FRAMES = 10;

interface Painter {
  /** Lines that stay, above the live part. */
  print(lines: readonly string[]): void;
  /** Leaves what is painted where it is, until the returned function is called. */
  hold(): () => void;
  stop(): void;
}

/**
 * listr2 keeps the list of hosts as its tasks; their promises are settled by the event stream, and this renderer
 * paints them: on a timer, at most the rows of the screen, however many events come.
 */
function rendererFor(
  model: Model,
  options: ViewOptions,
  paint: Paint,
  ready: (painter: Painter) => void,
): typeof ListrRenderer {
  return class SlipwayRenderer {
    static readonly nonTTY = true;
    static readonly rendererOptions = {};
    static readonly rendererTaskOptions = {};
    #height = 0;
    #held: string[] | undefined;
    #timer: NodeJS.Timeout | undefined;

    render(): void {
      options.stdout.write('\u001b[?25l');
      this.#start();
      ready({
        print: (lines) => (this.#held ? this.#held.push(...lines) : this.#paint(lines)),
        hold: () => this.#hold(),
        stop: () => this.#stop(),
      });
    }

    #start(): void {
      this.#timer = setInterval(() => this.#paint([]), 1000 / FRAMES);
    }

    // A question is asked where the live part was; what is to be kept meanwhile is printed after the answer.
    #hold(): () => void {
      if (!this.#timer) return () => {};
      this.#stop();
      const held: string[] = [];
      this.#held = held;
      return () => {
        this.#held = undefined;
        options.stdout.write('\u001b[?25l');
        this.#start();
        this.#paint(held);
      };
    }

    end(): void {
      this.#stop();
    }

    #paint(above: readonly string[]): void {
      const { columns = 80, rows = 24 } = options.stdout;
      const frame = frameLines(model, { columns, rows, now: Date.now() }, paint);
      this.#write([...above, ...frame]);
      this.#height = frame.length;
    }

    #write(lines: readonly string[]): void {
      const up = this.#height > 0 ? `\u001b[${this.#height}A\r\u001b[J` : '';
      options.stdout.write(up + lines.map((line) => `${line}\n`).join(''));
    }

    #stop(): void {
      if (!this.#timer) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.#write([]);
      this.#height = 0;
      options.stdout.write('\u001b[?25h');
    }
  } as unknown as typeof ListrRenderer;
}

/** The view for a person: a line a host that says what it does now, and above it what is worth keeping. */
export function terminalView(options: ViewOptions): View {
  const paint = paintFor(true, options.env);
  const model = emptyModel();
  let painter: Painter | undefined;
  let finish: () => void = () => {};
  let listr: Promise<unknown> = Promise.resolve();
  const print = (lines: readonly string[]) => {
    if (lines.length === 0) return;
    if (painter) painter.print(lines);
    else options.stdout.write(`${lines.join('\n')}\n`);
  };
  const begin = () => {
    const over = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const tasks = [...model.hosts.keys()].map((title) => ({ title, task: () => over }));
    const renderer = rendererFor(model, options, paint, (made) => {
      painter = made;
    });
    listr = new Listr(tasks, {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      renderer,
    }).run();
  };
  const stop = async () => {
    painter?.stop();
    painter = undefined;
    finish();
    await listr;
  };
  return {
    handle: (event) => {
      fold(model, event);
      if (event.event === 'run.started') return begin();
      if (event.event === 'run.finished') {
        painter?.stop();
        painter = undefined;
        const mark = model.simulated ? ' · simulated Kubernetes' : '';
        return print(['', ...recapLines(event, paint), paint('grey', `${duration(event.duration)}${mark}`)]);
      }
      print(keptLines(event, model, options, paint));
    },
    hold: () => painter?.hold() ?? (() => {}),
    end: stop,
  };
}

/** What stays on the screen of an event. */
function keptLines(event: Event, model: Model, options: ViewOptions, paint: Paint): string[] {
  if (event.event === 'play.finished') return [playLine(event, model, options, paint)];
  if (event.event !== 'task.finished') return otherLines(event, options, paint);
  const details = detailLines(event, paint, options);
  const bad = event.status === 'failed' || event.status === 'unreachable';
  const told = options.verbose > 0 && !(options.verbose < 2 && event.status === 'skipped');
  return bad || details.length > 0 || told || isOpen(event)
    ? [taskLine(event, paint, model.check, options.verbose), ...details]
    : [];
}

function playLine(event: Event<'play.finished'>, model: Model, options: ViewOptions, paint: Paint): string {
  const play = model.plays[event.play];
  const { name = '', hosts = 0, changed = 0, failed = 0 } = play ?? {};
  const mark = failed > 0 ? paint('red', '✖') : paint('green', '✔');
  const counts = [counted(hosts, 'host'), `${changed} changed`, ...(failed > 0 ? [`${failed} failed`] : [])];
  const text = cut(name, Math.max(20, (options.stdout.columns ?? 80) - 40));
  return `${mark} ${text}  ${paint('grey', `${counts.join(' · ')} · ${duration(event.duration)}`)}`;
}
