import type { Report } from './sections.ts';

/** A container runtime on the host. */
export interface Runtime {
  readonly name: string;
  /** Undefined where it could not be told. */
  readonly version?: string;
  /** Its socket; absent while it does not run. */
  readonly socket?: string;
}

const COMMANDS: Readonly<Record<string, string>> = {
  docker: 'dockerd',
  containerd: 'containerd',
  'cri-dockerd': 'cri-dockerd',
  crio: 'crio',
  podman: 'podman',
};

const PACKAGES: Readonly<Record<string, string>> = {
  'docker.io': 'docker',
  'docker-ce': 'docker',
  'moby-engine': 'docker',
  containerd: 'containerd',
  'containerd.io': 'containerd',
  'cri-o': 'crio',
  'cri-dockerd': 'cri-dockerd',
  podman: 'podman',
};

export function containerRuntimes(report: Report): Runtime[] {
  const there = report.lines('there');
  const versions = readVersions(report.lines('versions'));
  return Object.entries(COMMANDS).flatMap(([name, command]) => {
    const socket = there.find((line) => line.startsWith(`socket ${name} `))?.slice(`socket ${name} `.length);
    if (socket === undefined && !there.includes(`command ${command}`)) return [];
    const version = versions.get(name);
    return [{ name, ...(version !== undefined && { version }), ...(socket !== undefined && { socket }) }];
  });
}

function readVersions(lines: readonly string[]): Map<string, string> {
  const versions = new Map<string, string>();
  let runtime: string | undefined;
  let installed = false;
  for (const line of lines) {
    const says = /^Says: (\S+) .*?v?(\d+\.\d+\S*)/.exec(line);
    const name = Object.keys(COMMANDS).find((key) => COMMANDS[key] === says?.[1]);
    if (says && name !== undefined) versions.set(name, says[2]!.replace(/,$/, ''));
    const [key, value] = [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)];
    if (key === 'Package') {
      runtime = PACKAGES[value];
      installed = false;
    } else if (key === 'Status')
      installed = value === 'install ok installed' || value === 'hold ok installed';
    else if (key === 'Version' && runtime !== undefined && installed)
      versions.set(runtime, /^(?:\d+:)?([^-+~]+)/.exec(value)?.[1] ?? value);
  }
  return versions;
}
