/**
 * A part of a host that tasks share: `path:/etc/hosts`, `package:containerd`, `unit:kubelet.service`, `user:ada`,
 * `group:adm`, `cluster:`. Nothing behind the colon: all of that kind.
 */
export type Subject = `${Kind}:${string}`;

export type Kind =
  | 'path'
  | 'package'
  | 'unit'
  | 'user'
  | 'group'
  | 'module'
  | 'sysctl'
  | 'swap'
  | 'mount'
  | 'hostname'
  | 'cron'
  | 'image'
  /** What an engine has of images' layers. */
  | 'layers'
  | 'container'
  /** Objects of Kubernetes. */
  | 'object'
  /** Whether the host is a node, and of what. */
  | 'cluster'
  /** What is in the cluster that the host can reach. */
  | 'api';

/** What a change leaves behind, for the tasks that come after it in a dry run. */
export interface Effect {
  readonly subject: Subject;
  /** The subject as a module that looks at it would see it; absent where that cannot be told. */
  readonly state?: unknown;
}

/** What a dry run expects of a subject. */
export interface Expected {
  /** The task that would bring it about, as it is called. */
  readonly by: string;
  /** As in Effect. */
  readonly state?: unknown;
  /** Later effects have a higher number. */
  readonly at: number;
}

/** What the tasks before would have made of a host. Only a dry run has one. */
export interface Outlook {
  /** The last that would happen to this very subject; with nothing behind the colon: the last to any of its kind. */
  of(subject: Subject): Expected | undefined;
  /** The last of several that an earlier task would touch; a path is touched by what happens to a folder above it. */
  concerning(subjects: readonly Subject[]): Expected | undefined;
  /** The last that would happen inside a directory. */
  within(path: string): Expected | undefined;
}

/** A forecast that cannot be made, in place of a state or of one field of a result. */
export class Unclear {
  /** Completes "depends on ...": the task that has to run first. */
  readonly by: string;
  /** What it is called, where that is not plain from where it stands: `ansible_mounts`. */
  readonly name: string | undefined;
  constructor(by: string, name?: string) {
    this.by = by;
    this.name = name;
  }
}

/** Who would make the change. */
export interface Doer {
  /** The user that the task runs as; undefined where only the host knows (the user who logs in). */
  readonly user: string | undefined;
}
