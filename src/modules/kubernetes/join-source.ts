import { SlipwayError } from '../../base/errors.ts';
import type { Host } from '../../module/host.ts';
import { lines, sh } from '../../module/program.ts';
import { caCertHash, kubeconfigServer, sameHash } from './ca-hash.ts';
import { kubeadmFailure } from './kubeadm-errors.ts';
import { section, sections } from './sections.ts';

/** All that a node needs to be let in. */
export interface Ticket {
  /** `host:port`. */
  readonly endpoint: string;
  readonly token: string;
  readonly caCertHash: string;
  readonly certificateKey?: string | undefined;
}

export interface TicketWish {
  readonly endpoint?: string | undefined;
  readonly caCertHash?: string | undefined;
  readonly ttl: string;
  readonly controlPlane: boolean;
  /** kubeadm's configuration on the control plane, used where it exists. */
  readonly config: string;
  readonly description: string;
}

export const TOKEN = /\b[a-z0-9]{6}\.[a-z0-9]{16}\b/;

/** The certificate key is the last line of what `upload-certs` prints. */
export function certificateKey(stdout: string): string | undefined {
  const last = stdout.trim().split('\n').at(-1)?.trim() ?? '';
  return /^[0-9a-f]{64}$/.test(last) ? last : undefined;
}

/**
 * sh that uploads the certificates anew. Without a configuration kubeadm asks the internet for the newest version,
 * which takes its time where there is none.
 */
export function uploadCerts(config: string) {
  return sh`
    set --
    [ ! -s ${config} ] || set -- --config ${config}
    kubeadm init phase upload-certs --upload-certs "$@"
  `;
}

/** Has a control plane let a node in: a token, the CA's hash, and for a control plane the uploaded certificates. */
export async function mintTicket(controlPlane: Host, wish: TicketWish): Promise<Ticket> {
  const made = await controlPlane.run(
    lines(
      sh`set -e`,
      section('ca'),
      sh`cat /etc/kubernetes/pki/ca.crt`,
      section('admin'),
      sh`grep server: /etc/kubernetes/admin.conf`,
      section('token'),
      sh`kubeadm token create --ttl ${wish.ttl} --description ${wish.description}`,
    ),
    { anyExit: true },
  );
  if (made.code !== 0) throw kubeadmFailure(`making a token on ${controlPlane.name}`, made);
  const parts = sections(made.stdout);
  const hash = caCertHash(parts.get('ca') ?? '');
  const token = TOKEN.exec(parts.get('token') ?? '')?.[0];
  const endpoint = wish.endpoint ?? kubeconfigServer(parts.get('admin') ?? '')?.replace(/^https:\/\//, '');
  if (hash === undefined || token === undefined || endpoint === undefined)
    throw new SlipwayError('task.failed', `${controlPlane.name} gave no token, CA or address to join with`, {
      hint: 'Check that `from` names a finished control plane.',
      data: { ...made, stdout: '' },
    });
  if (wish.caCertHash && !sameHash(hash, wish.caCertHash))
    throw new SlipwayError(
      'task.invalid',
      `the CA of ${controlPlane.name} is ${hash}, not ${wish.caCertHash}`,
      {
        hint: 'Check ca_cert_hash, and that `from` is a control plane of the right cluster.',
      },
    );
  const ticket = { endpoint, token, caCertHash: hash };
  if (!wish.controlPlane) return ticket;
  return { ...ticket, certificateKey: await freshCertificateKey(controlPlane, wish.config) };
}

async function freshCertificateKey(controlPlane: Host, config: string): Promise<string> {
  const output = await controlPlane.run(uploadCerts(config), { anyExit: true });
  if (output.code !== 0) throw kubeadmFailure(`upload of certificates from ${controlPlane.name}`, output);
  const key = certificateKey(output.stdout);
  if (key !== undefined) return key;
  throw new SlipwayError('task.failed', `kubeadm on ${controlPlane.name} printed no certificate key`, {
    data: { ...output },
  });
}
