/** A regular file of a package. */
export interface DebRegularFile {
  /** Absolute path on the host, normal form: `/usr/bin/kubeadm`. */
  readonly path: string;
  /** Permission bits, as in `0o755`. Owner and group are root. */
  readonly mode: number;
  readonly content: string | Uint8Array;
  /** True for a file below /etc that dpkg must not overwrite when the user has edited it. */
  readonly conffile?: boolean;
}

/** A symbolic link of a package. */
export interface DebLink {
  readonly path: string;
  /** What the link says, absolute or relative. */
  readonly link: string;
}

/** An empty directory of a package; the parents of files need no entry. */
export interface DebDirectory {
  readonly path: string;
  readonly mode: number;
  readonly directory: true;
}

export type DebEntry = DebRegularFile | DebLink | DebDirectory;

/** The maintainer scripts, each a whole `#!/bin/sh` file. */
export interface DebScripts {
  readonly preinst?: string;
  readonly postinst?: string;
  readonly prerm?: string;
  readonly postrm?: string;
}

/** What a .deb is made of: the control fields, the files and the maintainer scripts. Plain data, no I/O. */
export interface DebPackage {
  readonly name: string;
  /** Debian's form, `1.34.1-1.1`. */
  readonly version: string;
  readonly architecture: 'all' | 'amd64' | 'arm64';
  /** The first line of the description, without the final stop. */
  readonly summary: string;
  /** More lines of the description, each at most 79 columns. */
  readonly description?: readonly string[];
  readonly section?: string;
  /** Relations in the form of the control file, one an item: `cri-tools (>= 1.30.0)`. */
  readonly depends?: readonly string[];
  readonly recommends?: readonly string[];
  readonly provides?: readonly string[];
  readonly conflicts?: readonly string[];
  readonly replaces?: readonly string[];
  readonly files: readonly DebEntry[];
  readonly scripts?: DebScripts;
}
