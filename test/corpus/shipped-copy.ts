import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { Problems, SlipwayError, SlipwayErrors } from '../../src/base/errors.ts';
import type { PlanOptions } from '../../src/plan/plan.ts';
import { check } from '../check/kit.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const PLAYBOOKS = ['rebuild', 'add-node', 'images', 'registry', 'docker'].map(
  (name) => `playbooks/${name}.yml`,
);

/**
 * The shipped playbooks, templates and inventories in a folder of their own, where files may be changed. Each change has
 * a new folder, as the text of a file is read once.
 */
export class ShippedCopy {
  readonly #all = mkdtempSync(path.join(tmpdir(), 'slipway-shipped-'));
  readonly #before = process.cwd();
  #folders = 0;
  readonly folder = this.#made();

  #made(): string {
    const folder = path.join(this.#all, String((this.#folders += 1)));
    for (const name of ['playbooks', 'templates', 'inventory'])
      cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
    return folder;
  }

  files(pattern: RegExp): string[] {
    const all = readdirSync(this.folder, { recursive: true }).map(String);
    return all.filter((name) => pattern.test(name)).sort();
  }

  read(file: string): string {
    return readFileSync(path.join(this.folder, file), 'utf8');
  }

  /** What is found where one file has another text. */
  async with(
    file: string,
    text: string,
    playbooks: readonly string[],
    given: Partial<PlanOptions> = {},
  ): Promise<Problems> {
    const folder = file.endsWith('.hbs') ? this.#made() : this.folder;
    const before = this.read(file);
    writeFileSync(path.join(folder, file), text);
    process.chdir(folder);
    try {
      return await check(playbooks, ['inventory/example.ini'], folder, given);
    } catch (thrown) {
      if (!(thrown instanceof SlipwayError || thrown instanceof SlipwayErrors)) throw thrown;
      const problems = new Problems();
      problems.add(thrown);
      return problems;
    } finally {
      writeFileSync(path.join(folder, file), before);
      process.chdir(this.#before);
      if (folder !== this.folder) rmSync(folder, { recursive: true });
    }
  }

  remove(): void {
    rmSync(this.#all, { recursive: true, force: true });
  }
}

/** A copy for the tests of a file. */
export function shippedCopy(): () => ShippedCopy {
  let copy: ShippedCopy | undefined;
  beforeAll(() => {
    copy = new ShippedCopy();
  });
  afterAll(() => copy?.remove());
  return () => copy!;
}
