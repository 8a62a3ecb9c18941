import { identity, NOTICE } from './host/identity.ts';

/** The programs in this file; which one it is tells the name it was called by. */
const PROGRAMS: Readonly<Record<string, () => Promise<{ main(argv: readonly string[]): Promise<number> }>>> =
  {
    kubeadm: () => import('./kubeadm/main.ts'),
    kubelet: () => import('./kubelet/main.ts'),
    kubectl: () => import('./kubectl/main.ts'),
    crictl: () => import('./runtime/crictl.ts'),
    ctr: () => import('./runtime/ctr.ts'),
    containerd: () => import('./runtime/containerd.ts'),
    dockerd: () => import('./runtime/dockerd.ts'),
    docker: () => import('./runtime/docker.ts'),
    'cri-dockerd': () => import('./runtime/cri-dockerd.ts'),
  };

const { program } = identity();
const load = PROGRAMS[program];
if (load === undefined) {
  process.stderr.write(
    `${program}: not a program of the lab (${Object.keys(PROGRAMS).join(', ')}); ${NOTICE}\n`,
  );
  process.exitCode = 127;
} else {
  const { main } = await load();
  process.exitCode = await main(process.argv.slice(2));
  // Connections that are kept alive must not keep the program.
  await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  process.exit();
}
