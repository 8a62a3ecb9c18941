import { stringify } from 'yaml';
import type { LabFolder } from './folder.ts';
import type { LabState } from './types.ts';

/** The inventory that `slipway run -i` reads: n1 is the control plane, the others are workers. */
export function inventoryText(lab: LabFolder, state: LabState): string {
  const hosts = (nodes: LabState['nodes']) =>
    Object.fromEntries(
      nodes.map((node) => [
        node.name,
        { ansible_host: node.address, ansible_port: node.port, node_ip: node.nodeIp },
      ]),
    );
  const inventory = {
    all: {
      vars: {
        ansible_user: 'root',
        ansible_ssh_private_key_file: lab.key,
        ansible_ssh_common_args: `-o UserKnownHostsFile=${sshWord(lab.knownHosts)}`,
        slipway_lab: state.kubernetes === 'simulated',
        cluster_name: state.name,
        kubernetes_version: state.kubernetesVersion,
        kubernetes_repository_url: state.repository.url,
        kubernetes_repository_key: state.repository.keyUrl,
      },
      children: {
        cluster: {
          children: {
            control_plane: { hosts: hosts(state.nodes.slice(0, 1)) },
            workers: { hosts: hosts(state.nodes.slice(1)) },
          },
        },
      },
    },
  };
  const what =
    state.kubernetes === 'simulated'
      ? 'Kubernetes is simulated on these hosts; everything else is real.'
      : 'The packages are the real ones that were given with --kubernetes.';
  return `# The hosts of the lab \`${state.name}\`, made by \`slipway lab up\`. ${what}\n${stringify(inventory)}`;
}

/** A word of an ssh option: in double quotes where it holds a space. */
function sshWord(word: string): string {
  return /\s/.test(word) ? `"${word}"` : word;
}
