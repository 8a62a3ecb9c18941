import { readKey } from '../../pki/keys.ts';
import { createCertificate, readSigningRequest, subjectOf } from '../../pki/x509.ts';
import { stamp } from '../../host/text.ts';
import { put, type Cluster } from './context.ts';

/** Approves and signs what kubelets ask for: client certificates of nodes, from tokens and from nodes themselves. */
export function tendCertificates({ store, caCert, caKey }: Cluster): void {
  for (const request of store.all('CertificateSigningRequest')) {
    if (request.status?.certificate !== undefined) continue;
    const asked = readSigningRequest(Buffer.from(request.spec?.request ?? '', 'base64').toString());
    const groups = request.spec?.groups ?? [];
    const fromNode = groups.includes('system:bootstrappers') || groups.includes('system:nodes');
    const forNode =
      asked?.subject.organizations?.[0] === 'system:nodes' &&
      asked.subject.commonName.startsWith('system:node:');
    if (asked === undefined || !fromNode || !forNode) continue;
    const certificate = createCertificate({
      subject: asked.subject,
      publicKey: asked.publicKey,
      issuer: { subject: subjectOf(caCert), key: readKey(caKey) },
      days: 365,
      usages: ['client'],
    });
    const approved = {
      type: 'Approved',
      status: 'True',
      reason: 'AutoApproved',
      lastTransitionTime: stamp(),
    };
    const encoded = Buffer.from(certificate).toString('base64');
    put(store, { ...request, status: { conditions: [approved], certificate: encoded } });
  }
}
