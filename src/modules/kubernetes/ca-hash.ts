import { createHash, X509Certificate } from 'node:crypto';

/**
 * The hash by which kubeadm pins a cluster's CA: `sha256:` and the digest of its public key (SPKI, DER). Worked out
 * here, so that a node needs no openssl. Undefined where `pem` holds no certificate.
 */
export function caCertHash(pem: string): string | undefined {
  const key = certificate(pem)?.publicKey.export({ type: 'spki', format: 'der' });
  return key === undefined ? undefined : `sha256:${createHash('sha256').update(key).digest('hex')}`;
}

/** The common name of a certificate's subject. Undefined where `pem` holds no certificate. */
export function commonName(pem: string): string | undefined {
  return /^CN=(.*)$/m.exec(certificate(pem)?.subject ?? '')?.[1];
}

function certificate(pem: string): X509Certificate | undefined {
  const block = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/.exec(pem)?.[0];
  if (block === undefined) return undefined;
  try {
    return new X509Certificate(block);
  } catch {
    // A file that only looks like a certificate pins nothing; the caller says that there is none.
    return undefined;
  }
}

/** The CA hash of a kubeconfig's text (its first cluster). */
export function kubeconfigCaHash(text: string): string | undefined {
  const data = /^\s*certificate-authority-data:\s*"?([A-Za-z0-9+/=]+)"?\s*$/m.exec(text)?.[1];
  return data === undefined ? undefined : caCertHash(Buffer.from(data, 'base64').toString('utf8'));
}

/** The server of a kubeconfig's first cluster. */
export function kubeconfigServer(text: string): string | undefined {
  return /^\s*server:\s*"?([^\s"]+)"?\s*$/m.exec(text)?.[1];
}

/** `sha256:abc` and `abc` are the same hash; case counts for nothing. */
export function sameHash(a: string | undefined, b: string | undefined): boolean {
  const bare = (hash: string | undefined) =>
    hash
      ?.trim()
      .toLowerCase()
      .replace(/^sha256:/, '');
  return a !== undefined && bare(a) === bare(b);
}
