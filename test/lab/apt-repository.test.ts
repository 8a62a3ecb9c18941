import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { armoredPublicKey, clearSign, fingerprint, generateSigningKey } from '../../src/lab/apt/openpgp.ts';
import { madePackages, packagesIn, repositorySite } from '../../src/lab/apt/repository.ts';
import { serveSite } from '../../src/lab/apt/server.ts';
import { buildDeb } from '../../src/lab/deb/archive.ts';
import { readControl } from '../../src/lab/deb/read.ts';
import type { DebPackage } from '../../src/lab/deb/types.ts';

const has = (program: string, ...args: string[]) => spawnSync(program, args).status === 0;
const hello: DebPackage = {
  name: 'slipway-hello',
  version: '1.2-1',
  architecture: 'all',
  summary: 'says hello',
  description: ['A package for tests.', '', 'Second paragraph.'],
  depends: ['base-files (>= 1)'],
  files: [
    { path: '/usr/bin/slipway-hello', mode: 0o755, content: '#!/bin/sh\necho hello\n' },
    { path: '/etc/slipway-hello.conf', mode: 0o640, content: 'a=1\n', conffile: true },
    { path: '/usr/share/slipway-hello/link', link: '../../bin/slipway-hello' },
    { path: '/var/lib/slipway-hello', mode: 0o700, directory: true },
  ],
  scripts: { postinst: '#!/bin/sh\nexit 0\n' },
};

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-apt-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a .deb', () => {
  test('is the same bytes each time and can be read back', async () => {
    const first = await buildDeb(hello);
    expect(first.equals(await buildDeb(hello))).toBe(true);
    writeFileSync(path.join(folder, 'h.deb'), first);
    const control = await readControl(path.join(folder, 'h.deb'));
    expect(control).toContain('Package: slipway-hello\nVersion: 1.2-1\n');
    expect(control).toContain('Description: says hello\n A package for tests.\n .\n Second paragraph.\n');
  });

  test.runIf(has('dpkg-deb', '--version'))('is what dpkg-deb understands', async () => {
    const file = path.join(folder, 'h.deb');
    writeFileSync(file, await buildDeb(hello));
    expect(execFileSync('dpkg-deb', ['-f', file, 'Depends'], { encoding: 'utf8' })).toBe(
      'base-files (>= 1)\n',
    );
    const list = execFileSync('dpkg-deb', ['-c', file], { encoding: 'utf8' });
    expect(list).toMatch(/-rwxr-xr-x root\/root .* \.\/usr\/bin\/slipway-hello\n/);
    expect(list).toMatch(/drwx------ root\/root .* \.\/var\/lib\/slipway-hello\/\n/);
    expect(list).toContain('./usr/share/slipway-hello/link -> ../../bin/slipway-hello');
    execFileSync('dpkg-deb', ['-x', file, path.join(folder, 'out')]);
    expect(execFileSync(path.join(folder, 'out/usr/bin/slipway-hello'), { encoding: 'utf8' })).toBe(
      'hello\n',
    );
  });
});

describe('the signature', () => {
  test.runIf(has('gpg', '--version'))('is good for gpg, and a changed text is not', async () => {
    const key = await generateSigningKey('Slipway lab <lab@slipway.invalid>');
    const text = 'Origin: x  \n- dash\n\nlast: ü\n';
    const home = path.join(folder, 'gpg');
    execFileSync('mkdir', ['-m', '700', home]);
    const gpg = (...args: string[]) =>
      spawnSync('gpg', ['--homedir', home, '--batch', ...args], { encoding: 'utf8' });
    writeFileSync(path.join(folder, 'key.asc'), armoredPublicKey(key));
    const imported = gpg('--import', path.join(folder, 'key.asc'));
    expect(imported.stderr).toContain('imported');
    expect(gpg('--with-colons', '--list-keys').stdout).toContain(`fpr:::::::::${fingerprint(key)}:`);
    const signed = clearSign(key, text);
    writeFileSync(path.join(folder, 'good'), signed);
    expect(gpg('--verify', path.join(folder, 'good')).stderr).toContain('Good signature');
    writeFileSync(path.join(folder, 'bad'), signed.replace('Origin: x', 'Origin: y'));
    expect(gpg('--verify', path.join(folder, 'bad')).stderr).toContain('BAD signature');
  });
});

describe('the repository', () => {
  test('lists packages with their sizes and sums, made here or found in a folder', async () => {
    const key = await generateSigningKey('k');
    writeFileSync(path.join(folder, 'found.deb'), await buildDeb({ ...hello, name: 'found' }));
    const packages = [...(await madePackages([hello])), ...(await packagesIn(folder))];
    const site = repositorySite(packages, key);
    const index = String(site.get('deb/Packages'));
    expect(index).toContain('Package: slipway-hello\nFilename: ./slipway-hello_1.2-1_all.deb\nSize: ');
    expect(index).toContain('Package: found\nFilename: ./found.deb\n');
    expect(String(site.get('deb/InRelease'))).toContain('-----BEGIN PGP SIGNATURE-----');
    await expect(packagesIn(path.join(folder, 'nothing'))).rejects.toMatchObject({ code: 'file.missing' });
  });

  test('is served over HTTP: files, 404, 304', async () => {
    const site = repositorySite(await madePackages([hello]), await generateSigningKey('k'));
    const lines: string[] = [];
    const server = await serveSite(site, { host: '127.0.0.1', port: 0 }, (line) => lines.push(line));
    const { port } = server.address() as { port: number };
    try {
      const url = `http://127.0.0.1:${port}`;
      const packages = await fetch(`${url}/deb/Packages`);
      expect(await packages.text()).toBe(String(site.get('deb/Packages')));
      const again = await fetch(`${url}/deb/./Packages`, {
        headers: { 'If-Modified-Since': packages.headers.get('last-modified')! },
      });
      expect(again.status).toBe(304);
      expect((await fetch(`${url}/deb/none.deb`)).status).toBe(404);
      expect((await fetch(`${url}/deb/../../../../etc/passwd`)).status).toBe(404);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  test.runIf(has('apt-get', '--version'))(
    'is accepted by apt, which refuses it when it was changed',
    async () => {
      const key = await generateSigningKey('k');
      const site = new Map(repositorySite(await madePackages([hello]), key));
      const server = await serveSite(site, { host: '127.0.0.1', port: 0 }, () => undefined);
      const { port } = server.address() as { port: number };
      try {
        writeFileSync(path.join(folder, 'key.asc'), armoredPublicKey(key));
        for (const part of ['lists/partial', 'archives/partial', 'sources.list.d', 'dpkg'])
          execFileSync('mkdir', ['-p', path.join(folder, part)]);
        writeFileSync(path.join(folder, 'dpkg/status'), '');
        writeFileSync(
          path.join(folder, 'sources.list.d/lab.sources'),
          `Types: deb\nURIs: http://127.0.0.1:${port}/deb/\nSuites: /\nSigned-By: ${folder}/key.asc\n`,
        );
        const options = [
          `Dir::Etc::sourcelist=/dev/null`,
          `Dir::Etc::sourceparts=${folder}/sources.list.d`,
          `Dir::State::lists=${folder}/lists`,
          `Dir::State::status=${folder}/dpkg/status`,
          `Dir::Cache=${folder}`,
          'APT::Sandbox::User=root',
          'Acquire::http::Proxy=DIRECT',
          'APT::Update::Error-Mode=any',
        ].flatMap((option) => ['-o', option]);
        const { execFile } = await import('node:child_process');
        const apt = (program: string, ...args: string[]) =>
          new Promise<{ code: number; text: string }>((resolve) =>
            execFile(program, [...options, ...args], (error, stdout, stderr) =>
              resolve({ code: error ? Number(error.code) : 0, text: stdout + stderr }),
            ),
          );
        const update = await apt('apt-get', 'update');
        expect(update).toMatchObject({ code: 0 });
        expect((await apt('apt-cache', 'policy', 'slipway-hello')).text).toContain('Candidate: 1.2-1');
        site.set(
          'deb/InRelease',
          Buffer.from(String(site.get('deb/InRelease')).replace('Slipway lab', 'Somebody')),
        );
        execFileSync('sh', ['-c', `rm -f ${folder}/lists/*Release*`]);
        expect((await apt('apt-get', 'update')).text).toMatch(/BADSIG|invalid|not signed/i);
      } finally {
        server.close();
        server.closeAllConnections();
      }
    },
  );
});
