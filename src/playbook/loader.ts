import path from 'node:path';
import type { Problems } from '../base/errors.ts';
import type { Span } from '../base/span.ts';
import type { Entry, Node } from '../document/node.ts';
import { parseYaml } from '../document/yaml.ts';
import type { Scope } from '../expression/types.ts';
import { readSource } from '../inventory/variables-file.ts';
import type { Module } from '../module/contract.ts';
import type { Keywords, Play, Task, TaskNode, Variables } from './types.ts';

export interface PlaybookContext {
  readonly modules: ReadonlyMap<string, Module>;
  readonly problems: Problems;
  /** Default: the current folder of the process. */
  readonly cwd?: string | undefined;
  /** `-e`: for the names of imported files, which are needed before any host is known. */
  readonly extraVars?: Readonly<Record<string, unknown>> | undefined;
  /** More folders to look for roles in, besides roles/ beside the playbook. */
  readonly rolesPath?: readonly string[] | undefined;
}

/** What lasts for the whole of loading. */
export interface Loader {
  readonly context: PlaybookContext;
  readonly cwd: string;
  /** Parsed files by absolute path. */
  readonly parsed: Map<string, Node>;
  /** Variables of roles by the paths of their files, so that all users of a role share them. */
  readonly variables: Map<string, Variables>;
  /** Files of tasks that were read ahead of the run, to report their errors early. */
  readonly aheadOfRun: Set<string>;
  /** Plays so far, over all playbooks. */
  readonly plays: Play[];
  /** Reads a list of tasks. Held here because tasks, blocks and imports contain each other. */
  readonly tasks: (list: Node, place: Place) => TaskNode[];
}

/** What is gathered while a play is read. */
export interface PlayDraft {
  readonly index: number;
  /** Folder of the playbook file. */
  readonly folder: string;
  /** Extra variables over the play's own, for names of imported files. */
  readonly scope: Scope;
  readonly handlers: Task[];
  readonly roleDefaults: Variables[];
  readonly roleVars: Variables[];
  /** Handlers of roles by the path of their file: a role that is used twice has them once. */
  readonly roleHandlers: Map<string, readonly Task[]>;
  /** Notified names that must exist, with their places. */
  readonly notified: { readonly name: string; readonly span: Span }[];
  /** A role whose name is only known at run time may bring any handler. */
  openHandlers: boolean;
  /** Names of handlers that an include brings when a host gets there. */
  readonly laterHandlers: Set<string>;
  /** Roles with their parameters that are in the play already. */
  readonly rolesSeen: Set<string>;
}

export interface RoleDraft {
  readonly name: string;
  /** Absolute path of its folder. */
  readonly path: string;
  /** The file in tasks/ that it was called with. */
  readonly from: string;
  /** The role that depends on it or includes it. */
  readonly parent?: RoleDraft | undefined;
}

/** Where the reader stands. */
export interface Place {
  readonly loader: Loader;
  /** Those of loading, or of one include at run time. */
  readonly problems: Problems;
  readonly play: PlayDraft;
  /** Absolute path of the file being read. */
  readonly file: string;
  readonly role?: RoleDraft | undefined;
  readonly keywords: Keywords;
  readonly ids: Ids;
  /** Files being imported, outermost first, for cycles. */
  readonly chain: readonly string[];
  /** Within `handlers`. */
  readonly handlers: boolean;
  /** Notified by every task of the blocks around, as `notify` of a block. */
  readonly notify: readonly Entry[];
}

/** Numbers tasks in the order they are read: `3.1`, `3.2`, ... */
export interface Ids {
  next(): string;
}

export function idsFrom(prefix: string): Ids {
  let count = 0;
  return { next: () => `${prefix}${++count}` };
}

/** Folders in which files named by a task at this place are looked for. */
export function placesOf({ role, play, file }: Place) {
  return { rolePath: role?.path, playbookFolder: play.folder, taskFileFolder: path.dirname(file) };
}

/** Reads and parses a YAML file once. Undefined where it is empty or wrong. @throws {SlipwayError} file.missing */
export function parseFile(loader: Loader, file: string, problems: Problems, span?: Span): Node | undefined {
  const known = loader.parsed.get(file);
  if (known) return known;
  const before = problems.errors.length;
  const node = parseYaml(readSource(file, loader.cwd, span), problems);
  // A file with errors is parsed again where it is used again, so that they are reported there, too.
  if (node && problems.errors.length === before) loader.parsed.set(file, node);
  return node;
}

/** As `parseFile`, with a file that is missing as a problem. */
export function tryParse(loader: Loader, file: string, problems: Problems, span?: Span): Node | undefined {
  try {
    return parseFile(loader, file, problems, span);
  } catch (error) {
    problems.add(error);
    return undefined;
  }
}
