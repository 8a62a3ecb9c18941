import { symlinkSync } from 'node:fs';
import { exists, read, remove, write } from '../host/files.ts';
import { Exit, messageOf } from '../host/exit.ts';
import { patience, poll } from '../host/pace.ts';
import { at, KUBELET_DIR } from '../host/paths.ts';
import { connect } from '../kube/client.ts';
import { accessFrom, writeKubeconfig, type Access } from '../kube/kubeconfig.ts';
import type { KubeObject } from '../kube/types.ts';
import { keyPem, newKey } from '../pki/keys.ts';
import { createSigningRequest } from '../pki/x509.ts';

const CURRENT = `${KUBELET_DIR}/pki/kubelet-client-current.pem`;
const CSRS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

/** Keeps a client certificate the way the kubelet does: a dated file and a link that names the current one. */
function keep(cert: string, key: string): void {
  const date = new Date().toISOString().replace('T', '-').replace(/:/g, '-').slice(0, 19);
  const path = `${KUBELET_DIR}/pki/kubelet-client-${date}.pem`;
  write(path, cert + key, 0o600);
  remove(CURRENT);
  symlinkSync(at(path), at(CURRENT));
}

/** Asks the cluster for a client certificate with the bootstrap token and writes kubelet.conf. */
async function bootstrap(name: string, from: Access, kubeconfig: string): Promise<void> {
  const key = await newKey();
  const request = createSigningRequest(
    { commonName: `system:node:${name}`, organizations: ['system:nodes'] },
    key,
  );
  const client = connect(from);
  const object = {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { generateName: 'csr-' },
    spec: {
      request: Buffer.from(request).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
      usages: ['key encipherment', 'digital signature', 'client auth'],
    },
  };
  try {
    const made = await client.call<KubeObject>('POST', CSRS, object);
    const certificate = await poll(patience(60_000), async () => {
      const now = await client.get(`${CSRS}/${made.metadata.name}`);
      return now.status?.certificate;
    });
    if (certificate === undefined) throw new Error('timed out waiting for the certificate');
    keep(Buffer.from(certificate, 'base64').toString(), keyPem(key));
  } catch (error) {
    throw new Exit(`failed to run Kubelet: cannot create certificate signing request: ${messageOf(error)}`);
  } finally {
    client.close();
  }
  const access = { server: from.server, ...(from.ca === undefined ? {} : { ca: from.ca }) };
  write(kubeconfig, writeKubeconfig(access, 'default-auth', { cert: CURRENT, key: CURRENT }), 0o600);
}

/** The kubelet's own access to the API, made with the bootstrap token where it has none yet. */
export async function nodeAccess(
  name: string,
  kubeconfig: string,
  bootstrapKubeconfig: string,
): Promise<Access> {
  if (!exists(kubeconfig)) {
    const from = accessFrom(bootstrapKubeconfig);
    if (from === undefined) {
      const why = `unable to load bootstrap kubeconfig: stat ${bootstrapKubeconfig}: no such file or directory`;
      throw new Exit(`failed to run Kubelet: ${why}`);
    }
    await bootstrap(name, from, kubeconfig);
  }
  const access = accessFrom(kubeconfig);
  if (access?.cert === undefined || access.key === undefined) {
    throw new Exit(`failed to run Kubelet: unable to load the client certificate of ${kubeconfig}`);
  }
  if (!exists(CURRENT)) keep(access.cert, access.key);
  // A pem file holds both; either field may have read the whole of it.
  const both = `${access.cert}\n${access.key}`;
  return { ...access, cert: both, key: both };
}

export function currentCertificate(): string | undefined {
  return read(CURRENT);
}
