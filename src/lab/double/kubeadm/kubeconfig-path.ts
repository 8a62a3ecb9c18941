/** The administrator's kubeconfig: KUBECONFIG where it is set, else kubeadm's. */
export function servedBy(fallback: string): string {
  const given = process.env['KUBECONFIG'];
  return given === undefined || given === '' ? fallback : (given.split(':')[0] ?? fallback);
}
