import http from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../../src/module/host.ts';
import { createTransport } from '../../src/transport/transport.ts';

interface Fake {
  readonly Id: string;
  Name: string;
  readonly Image: string;
  readonly State: { Running: boolean; Paused: boolean; ExitCode?: number; Restarting?: boolean };
}

type Body = Readonly<Record<string, unknown>>;

/** What is answered in place of what the Engine would: a status, and why. */
export type Refusal = readonly [number, string];

/** The containers of an Engine, as far as making, moving and removing them goes; it is as strict about it as the real one. */
export class FakeEngine {
  readonly containers: Fake[] = [];
  /** `POST /containers/web/rename`, with what was sent. */
  readonly asked: [string, Body][] = [];
  /** Who pulled, as the Engine was told for the registry. */
  readonly accounts: unknown[] = [];
  refuses: (asked: string) => Refusal | undefined = () => undefined;
  log = Buffer.alloc(0);
  tty = false;
  /** What is started ends, and is started again and again. */
  endsAtOnce = false;
  image = 'sha256:aa';
  readonly #folder = mkdtempSync(join(tmpdir(), 'slipway-engine-'));
  readonly socket = join(this.#folder, 'docker.sock');
  readonly #server = http.createServer((request, response) => this.#serve(request, response));
  readonly #ended: (() => void)[] = [];

  async host(): Promise<Host> {
    await new Promise<void>((resolve) => this.#server.listen(this.socket, resolve));
    const remote = await createTransport().connect({ name: 'n1', connection: 'local', host: 'localhost' });
    this.#ended.push(() => remote.close());
    return {
      name: 'n1',
      dial: (path: string) => remote.dial(path, { script: 'exit 1' }, undefined),
      progress: () => {},
      sleep: async () => {},
    } as unknown as Host;
  }

  close(): void {
    for (const end of this.#ended) end();
    this.#server.closeAllConnections();
    this.#server.close();
    rmSync(this.#folder, { recursive: true });
  }

  add(Name: string, state: Partial<Fake['State']> = {}): Fake {
    const Id = `id${this.containers.length}of${Name}`;
    const one = {
      Id,
      Name: `/${Name}`,
      Image: this.image,
      State: { Running: false, Paused: false, ...state },
    };
    this.containers.push(one);
    return one;
  }

  /** `web runs`, `web-old`, ... */
  get list(): string[] {
    return this.containers.map(({ Name, State, Id }) =>
      [Id, Name.slice(1), State.Running && 'runs', State.Paused && 'paused'].filter(Boolean).join(' '),
    );
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += chunk;
    const { pathname, searchParams } = new URL(request.url!, 'http://docker');
    const asked = `${request.method} ${pathname}`;
    const body = { ...Object.fromEntries(searchParams), ...(text && (JSON.parse(text) as Body)) };
    this.asked.push([asked, body]);
    const answer = (status: number, said?: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(
        said === undefined || Buffer.isBuffer(said)
          ? said
          : JSON.stringify(typeof said === 'string' ? { message: said } : said),
      );
    };
    const refusal = this.refuses(asked);
    if (refusal) return answer(...refusal);
    if (pathname === '/images/create') {
      const account = String(request.headers['x-registry-auth'] ?? '');
      this.accounts.push(JSON.parse(Buffer.from(account, 'base64url').toString() || 'null'));
      return answer(200, {});
    }
    if (pathname.startsWith('/images/')) return answer(200, { Id: this.image });
    if (pathname === '/containers/create') return answer(201, { Id: this.add(String(body['name'])).Id });
    const [, , which = '', doing = 'remove'] = pathname.split('/');
    const one = this.containers.find(({ Id, Name }) => Id === which || Name === `/${which}`);
    if (!one) return answer(404, `No such container: ${which}`);
    if (doing === 'logs' && body['follow'] === 'true') return void response.write(this.log);
    if (doing === 'logs') return answer(200, this.log);
    if (doing === 'json')
      return answer(200, { Config: { Tty: this.tty }, HostConfig: {}, NetworkSettings: {}, ...one });
    answer(...this.#move(one, doing, body));
  }

  #move(one: Fake, doing: string, body: Body): [number, string?] {
    const { State } = one;
    const so = (running: boolean, paused: boolean): [number] => {
      Object.assign(State, { Running: running, Paused: paused });
      return [204];
    };
    switch (doing) {
      case 'remove':
        this.containers.splice(this.containers.indexOf(one), 1);
        return [204];
      case 'rename': {
        const Name = `/${String(body['name'])}`;
        if (Name === one.Name) return [400, 'Renaming a container with the same name as its current name'];
        if (this.containers.some((other) => other.Name === Name)) return [409, `Conflict. ${Name} is in use`];
        one.Name = Name;
        return [204];
      }
      case 'start':
        if (State.Paused) return [409, 'cannot start a paused container, try unpause instead'];
        if (this.endsAtOnce) Object.assign(State, { Restarting: true, ExitCode: 3 });
        return State.Running ? [304] : so(true, false);
      case 'stop':
        return State.Running ? so(false, false) : [304];
      case 'kill':
        return State.Running ? so(false, false) : [409, `${one.Name} is not running`];
      case 'wait':
        return [200, '{}'];
      case 'pause':
        return State.Running && !State.Paused ? so(true, true) : [409, `${one.Name} is not running`];
      case 'unpause':
        return State.Paused ? so(true, false) : [500, `${one.Name} is not paused`];
      case 'update':
        return [200];
      default:
        return [501, `${doing} is nothing that this one does`];
    }
  }
}
