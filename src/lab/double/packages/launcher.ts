import type { DebRegularFile } from '../../deb/types.ts';

/** Where the lab puts Node and the package `slipway-lab-double` its one file. */
export const NODE = '/usr/lib/slipway-lab/node';
export const DOUBLE = '/usr/lib/slipway-lab/double.mjs';

/** A program that says who it is and loads the file that is all of them. */
export function launcher(path: string, program: string, version: string): DebRegularFile {
  const identity = JSON.stringify({ program, version });
  const content = `#!${NODE}
// Simulated Kubernetes (Slipway lab): this stands for ${program} ${version}. No container runs.
globalThis.slipwayLab = ${identity};
import('${DOUBLE}');
`;
  return { path, mode: 0o755, content };
}

export const DESCRIPTION: readonly string[] = [
  'Part of a Slipway lab: it behaves as the real program as far as an installer',
  'can tell, and runs no container. Not for any other use.',
];

/** Tells systemd of new units, where there is one. */
export const RELOAD = `#!/bin/sh
set -e
if [ -d /run/systemd/system ] && command -v systemctl >/dev/null; then
  systemctl daemon-reload >/dev/null 2>&1 || :
fi
`;

/** Enables and starts a service when it is installed, stops it when it goes, as Debian's packages do. */
export function serviceScripts(unit: string): { postinst: string; prerm: string; postrm: string } {
  const running = '[ -d /run/systemd/system ] && command -v systemctl >/dev/null';
  return {
    postinst: `#!/bin/sh
set -e
if [ "$1" = configure ] && ${running}; then
  systemctl daemon-reload || :
  if [ -z "$2" ]; then
    systemctl enable ${unit} >/dev/null 2>&1 || :
    systemctl start ${unit} || :
  else
    systemctl try-restart ${unit} || :
  fi
fi
`,
    prerm: `#!/bin/sh
set -e
if [ "$1" = remove ] && ${running}; then
  systemctl disable --now ${unit} >/dev/null 2>&1 || :
fi
`,
    postrm: RELOAD,
  };
}
