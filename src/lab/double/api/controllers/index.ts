import { tendCertificates } from './certificates.ts';
import type { Cluster } from './context.ts';
import { tendNodes } from './nodes.ts';
import { tendDeployments, tendReplicaSets } from './replicas.ts';
import { schedule } from './schedule.ts';
import { tendApiService, tendNamespaces, tendServices } from './services.ts';
import { tendTokens } from './tokens.ts';
import { tendDaemonSets, tendJobs, tendStatefulSets } from './workloads.ts';

/** Which of the two programs that look after objects run on this control plane. */
export interface Running {
  readonly controllerManager: boolean;
  readonly scheduler: boolean;
}

/** What the API server itself keeps. */
export function tendBasics(cluster: Cluster): void {
  tendNamespaces(cluster);
  tendApiService(cluster);
}

/** One look at everything; writes only what is not as it should be. */
export function tend(cluster: Cluster, running: Running): void {
  if (running.controllerManager) {
    for (const step of [
      tendTokens,
      tendCertificates,
      tendNodes,
      tendDeployments,
      tendReplicaSets,
      tendDaemonSets,
      tendStatefulSets,
      tendJobs,
      tendServices,
    ]) {
      step(cluster);
    }
  }
  if (running.scheduler) schedule(cluster);
}
