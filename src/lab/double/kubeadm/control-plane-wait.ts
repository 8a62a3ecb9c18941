import { Exit } from '../host/exit.ts';
import { patience, poll } from '../host/pace.ts';
import { connect, ConnectError, type Client } from '../kube/client.ts';
import type { NodeSettings } from './config-types.ts';
import { say } from './output.ts';

/** Waits until the API of this host answers. */
export async function waitForApi(client: Client, timeout: number, node: NodeSettings): Promise<void> {
  const url = `https://${node.advertiseAddress}:${node.bindPort}/livez`;
  say(
    `[control-plane-check] Waiting for healthy control plane components. This can take up to ${Math.floor(timeout / 60_000)}m0s`,
  );
  say(`[control-plane-check] Checking kube-apiserver at ${url}`);
  const from = Date.now();
  const local = connect(
    { ...client.access, server: `https://${node.advertiseAddress}:${node.bindPort}` },
    2000,
  );
  let last = 'context deadline exceeded';
  const healthy = await poll(patience(timeout), async () => {
    try {
      const answer = await local.raw('GET', '/livez');
      last = answer.text;
      return answer.code === 200 ? true : undefined;
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      last = error.message;
      return undefined;
    }
  });
  local.close();
  if (healthy) return say(`[control-plane-check] kube-apiserver is healthy after ${Date.now() - from}ms`);
  say(`[control-plane-check] kube-apiserver is not healthy after ${Math.floor(timeout / 60_000)}m0s`);
  say(`
A control plane component may have crashed or exited when started by the container runtime.
To troubleshoot, list all containers using your preferred container runtimes CLI.
Here is one example how you may list all running Kubernetes containers by using crictl:
	- 'crictl --runtime-endpoint unix:///var/run/containerd/containerd.sock ps -a | grep kube | grep -v pause'
	Once you have found the failing container, you can inspect its logs with:
	- 'crictl --runtime-endpoint unix:///var/run/containerd/containerd.sock logs CONTAINERID'
`);
  throw new Exit(
    `failed while waiting for the control plane to start: kube-apiserver check failed at ${url}: ${last}`,
  );
}

/** Waits until a node is in the API; kubeadm does before it writes on it. */
export async function waitForNode(client: Client, name: string, timeout: number): Promise<void> {
  const found = await poll(patience(timeout), () => client.find(`/api/v1/nodes/${name}`));
  if (found === undefined)
    throw new Exit(
      `error writing Crisocket information for the control-plane node: nodes "${name}" not found`,
    );
}
