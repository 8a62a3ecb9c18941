import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Site } from './repository.ts';

/** Serves a site over HTTP until it is closed. @throws when the address is taken. */
export async function serveSite(
  site: Site,
  address: { host: string; port: number },
  log: (line: string) => void,
): Promise<Server> {
  const since = new Date();
  since.setMilliseconds(0);
  const server = createServer((request, response) => {
    answer(site, since, request, response).then(
      () => log(`${request.method} ${request.url} ${response.statusCode}`),
      (error: Error) => {
        log(`${request.method} ${request.url} failed: ${error.message}`);
        response.destroy();
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, () => resolve());
  });
  return server;
}

async function answer(site: Site, since: Date, request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? '/', 'http://lab');
  // `deb/./file` is what apt asks for when Filename starts with a dot.
  const name = decodeURIComponent(url.pathname)
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
  const found = site.get(name);
  if (!found) return void response.writeHead(404).end('not found\n');
  if (request.method !== 'GET' && request.method !== 'HEAD') return void response.writeHead(405).end();
  response.setHeader('Last-Modified', since.toUTCString());
  response.setHeader('Content-Type', 'application/octet-stream');
  const known = request.headers['if-modified-since'];
  if (known && Date.parse(known) >= since.getTime()) return void response.writeHead(304).end();
  const size = 'path' in found ? (await stat(found.path)).size : found.length;
  response.setHeader('Content-Length', size);
  response.writeHead(200);
  if (request.method === 'HEAD') return void response.end();
  if (!('path' in found)) return void response.end(found);
  await pipeline(createReadStream(found.path), response);
}
