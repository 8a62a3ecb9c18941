import { basename } from 'node:path';

/** Which program this is and which version it claims. A launcher sets it; else argv[1] and the environment tell. */
export interface Identity {
  readonly program: string;
  /** Without the leading v: `1.34.1`. */
  readonly version: string;
}

interface Launcher {
  slipwayLab?: Identity;
}

/** The version of each program where the launcher names none. */
const DEFAULTS: Readonly<Record<string, string>> = {
  kubeadm: '1.34.1',
  kubelet: '1.34.1',
  kubectl: '1.34.1',
  crictl: '1.34.0',
  containerd: '2.1.4',
  ctr: '2.1.4',
  'cri-dockerd': '0.3.20',
  dockerd: '28.2.2',
  docker: '28.2.2',
};

export function identity(): Identity {
  const given = (globalThis as Launcher).slipwayLab;
  if (given !== undefined) return given;
  const program = process.env['SLIPWAY_LAB_PROGRAM'] ?? basename(process.argv[1] ?? '').replace(/\.mjs$/, '');
  return { program, version: process.env['SLIPWAY_LAB_VERSION'] ?? DEFAULTS[program] ?? '1.34.1' };
}

/** `1.34.1` -> 34. */
export function minorOf(version: string): number {
  return Number(/^v?\d+\.(\d+)/.exec(version)?.[1] ?? 0);
}

/** Says on stderr what this is, where a person looks and no parser does. */
export const NOTICE = 'note: simulated Kubernetes (Slipway lab): no container runs here';
/** The build tag of every version that is printed as data; parsers of `gitVersion` take it, as semver has it. */
export const BUILD_TAG = '+slipway-lab';
