import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

export interface Place {
  readonly line: number;
  readonly character: number;
}

export interface Diagnostic {
  readonly range: { readonly start: Place; readonly end: Place };
  readonly message: string;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
}

/** The language server of editors for YAML, over its standard input and output. */
export class LanguageServer {
  readonly #child: ChildProcess;
  readonly #answers = new Map<number, (result: unknown) => void>();
  readonly #diagnostics = new Map<string, (found: readonly Diagnostic[]) => void>();
  #unread = Buffer.alloc(0);
  #count = 0;

  readonly #schemas: Readonly<Record<string, readonly string[]>>;

  private constructor(schemas: Readonly<Record<string, readonly string[]>>) {
    this.#schemas = schemas;
    const require = createRequire(import.meta.url);
    const bin = require.resolve('yaml-language-server/bin/yaml-language-server');
    this.#child = spawn(process.execPath, [bin, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdout!.on('data', (data: Buffer) => this.#read(data));
  }

  /** @param schemas files of schemas, with patterns of the files that each is for */
  static async start(schemas: Readonly<Record<string, readonly string[]>>): Promise<LanguageServer> {
    const server = new LanguageServer(schemas);
    await server.#ask('initialize', {
      processId: process.pid,
      rootUri: null,
      capabilities: {
        workspace: { configuration: true },
        textDocument: { hover: {}, completion: { completionItem: { snippetSupport: true } } },
      },
    });
    server.#tell('initialized', {});
    return server;
  }

  /** What an editor underlines in a file with this text. */
  async diagnose(uri: string, text: string): Promise<readonly Diagnostic[]> {
    const found = new Promise<readonly Diagnostic[]>((done) => this.#diagnostics.set(uri, done));
    this.#open(uri, text);
    return found;
  }

  /** The labels that are offered at a place. */
  async complete(uri: string, text: string, at: Place): Promise<string[]> {
    await this.diagnose(uri, text);
    const result = (await this.#ask('textDocument/completion', {
      textDocument: { uri },
      position: at,
    })) as { items: { label: string }[] };
    return result.items.map(({ label }) => label);
  }

  async hover(uri: string, text: string, at: Place): Promise<string> {
    await this.diagnose(uri, text);
    const result = (await this.#ask('textDocument/hover', { textDocument: { uri }, position: at })) as {
      contents: { value: string };
    } | null;
    return result?.contents.value ?? '';
  }

  async stop(): Promise<void> {
    const ended = new Promise((done) => this.#child.once('exit', done));
    await this.#ask('shutdown', undefined);
    this.#tell('exit', undefined);
    await ended;
  }

  #open(uri: string, text: string): void {
    this.#tell('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version: 1, text } });
  }

  #ask(method: string, params: unknown): Promise<unknown> {
    const id = (this.#count += 1);
    const answer = new Promise((done) => this.#answers.set(id, done));
    this.#send({ id, method, params });
    return answer;
  }

  #tell(method: string, params: unknown): void {
    this.#send({ method, params });
  }

  #send(message: Message): void {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.#child.stdin!.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  #read(data: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, data]);
    for (;;) {
      const head = /^Content-Length: (\d+)\r\n(?:.+\r\n)*\r\n/.exec(this.#unread.toString('latin1'));
      if (!head || this.#unread.length < head[0].length + Number(head[1])) return;
      const end = head[0].length + Number(head[1]);
      this.#take(JSON.parse(this.#unread.subarray(head[0].length, end).toString()) as Message);
      this.#unread = this.#unread.subarray(end);
    }
  }

  #take({ id, method, params, result }: Message): void {
    if (method === 'textDocument/publishDiagnostics') {
      const { uri, diagnostics } = params as { uri: string; diagnostics: Diagnostic[] };
      this.#diagnostics.get(uri)?.(diagnostics);
    } else if (method === 'workspace/configuration') {
      const asked = (params as { items: { section: string }[] }).items;
      this.#send({
        id: id!,
        result: asked.map(({ section }) => (section === 'yaml' ? this.#settings() : null)),
      });
    } else if (method !== undefined && id !== undefined) this.#send({ id, result: null });
    else if (id !== undefined) this.#answers.get(id)?.(result);
  }

  #settings(): object {
    const schemas = Object.fromEntries(
      Object.entries(this.#schemas).map(([file, patterns]) => [pathToFileURL(file).href, patterns]),
    );
    return {
      validate: true,
      hover: true,
      completion: true,
      schemas,
      schemaStore: { enable: false },
      customTags: ['!unsafe scalar'],
    };
  }
}
