export type LabDriver = 'namespaces' | 'docker';

/**
 * How the namespaces driver makes a host: `overlay` (root: one overlay of the whole machine), `user` (ordinary user: a
 * user namespace with overlays of single trees and copies of what must be writable), `copy` (root without
 * CAP_SYS_ADMIN, as in a plain container: a copied root and chroot, no namespaces at all).
 */
export type NamespaceMode = 'overlay' | 'user' | 'copy';

export interface LabNode {
  readonly name: string;
  /** Counts from 1. */
  readonly index: number;
  /** Where its SSH server listens on this machine. */
  readonly address: string;
  readonly port: number;
  /** The address by which the hosts reach each other. */
  readonly nodeIp: string;
  /** `ssh-ed25519 AAAA...` */
  readonly hostKey: string;
}

export interface LabRepository {
  /** What goes into an apt source; a flat repository. */
  readonly url: string;
  /** Where the armored public key is served. */
  readonly keyUrl: string;
  readonly fingerprint: string;
  /** Names and versions of the packages, `kubeadm 1.34.1-1.1`. */
  readonly packages: readonly string[];
}

/** What `.slipway/lab/state.json` holds. */
export interface LabState {
  readonly name: string;
  readonly driver: LabDriver;
  readonly mode?: NamespaceMode | undefined;
  /** `simulated` unless real packages were given. */
  readonly kubernetes: 'simulated' | 'real';
  readonly kubernetesVersion: string;
  readonly nodes: readonly LabNode[];
  readonly repository: LabRepository;
  readonly block: AddressBlock;
  /** The background process, with its start time from /proc so that a re-used pid is not mistaken for it. */
  readonly supervisor: ProcessId;
}

export interface ProcessId {
  readonly pid: number;
  readonly started: string;
}

/** The addresses of a lab: one loopback address a host, or one port a host where only 127.0.0.1 can be used. */
export interface AddressBlock {
  /** `127.0.77`; undefined when ports tell the hosts apart. */
  readonly prefix?: string | undefined;
  readonly firstPort: number;
}

export interface LabOptions {
  readonly name?: string;
  readonly nodes: number;
  readonly driver: LabDriver | 'auto';
  /** The folder that holds `.slipway`. */
  readonly folder: string;
  readonly onProgress?: (text: string) => void;
  /** A folder with real Kubernetes packages (.deb). */
  readonly kubernetes?: string;
  /** The version that the simulated packages claim. */
  readonly kubernetesVersion?: string;
  /** The image that docker nodes are built from. */
  readonly base?: string;
  /** Try this way of making hosts only (for tests). */
  readonly mode?: NamespaceMode;
}

/** What the supervisor is told, in `.slipway/lab/config.json`. */
export interface SupervisorConfig {
  readonly name: string;
  readonly driver: LabDriver;
  readonly mode?: NamespaceMode | undefined;
  readonly unshareFlags: readonly string[];
  readonly block: AddressBlock;
  readonly kubernetes?: string | undefined;
  readonly kubernetesVersion: string;
  /** Where the apt repository listens. */
  readonly repository: { readonly host: string; readonly port: number };
  /** The public key that may log in, `ssh-ed25519 AAAA...`. */
  readonly authorizedKey: string;
  readonly signingKey: { readonly privateKey: string; readonly created: number; readonly userId: string };
  readonly hosts: readonly HostConfig[];
}

export interface HostConfig extends LabNode {
  /** OpenSSH private key. */
  readonly hostKeyPrivate: string;
}

/** From the supervisor to the one who started it. */
export type SupervisorMessage =
  | { readonly type: 'progress'; readonly text: string }
  | { readonly type: 'ready'; readonly packages: readonly string[] }
  | { readonly type: 'failed'; readonly code: 'lab.failed' | 'lab.unsupported'; readonly message: string };
