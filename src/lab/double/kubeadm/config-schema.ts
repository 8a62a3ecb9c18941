/** The fields that each kind has; `config validate` refuses others, `init` and `join` only warn. */
const NODE = 'name criSocket taints kubeletExtraArgs ignorePreflightErrors imagePullPolicy imagePullSerial';
const COMPONENT = 'extraArgs extraVolumes extraEnvs';

export const FIELDS: Readonly<Record<string, string>> = {
  ClusterConfiguration:
    'etcd networking kubernetesVersion controlPlaneEndpoint apiServer controllerManager scheduler dns proxy certificatesDir imageRepository featureGates clusterName encryptionAlgorithm certificateValidityPeriod caCertificateValidityPeriod',
  'ClusterConfiguration.networking': 'serviceSubnet podSubnet dnsDomain',
  'ClusterConfiguration.apiServer': `${COMPONENT} certSANs timeoutForControlPlane`,
  'ClusterConfiguration.controllerManager': COMPONENT,
  'ClusterConfiguration.scheduler': COMPONENT,
  'ClusterConfiguration.etcd': 'local external',
  'ClusterConfiguration.etcd.local': `imageRepository imageTag dataDir serverCertSANs peerCertSANs ${COMPONENT}`,
  InitConfiguration:
    'bootstrapTokens dryRun nodeRegistration localAPIEndpoint certificateKey skipPhases patches timeouts',
  'InitConfiguration.nodeRegistration': NODE,
  'InitConfiguration.localAPIEndpoint': 'advertiseAddress bindPort',
  JoinConfiguration: 'dryRun nodeRegistration caCertPath discovery controlPlane skipPhases patches timeouts',
  'JoinConfiguration.nodeRegistration': NODE,
  'JoinConfiguration.discovery': 'bootstrapToken file tlsBootstrapToken timeout',
  'JoinConfiguration.discovery.bootstrapToken':
    'token apiServerEndpoint caCertHashes unsafeSkipCAVerification',
  'JoinConfiguration.discovery.file': 'kubeConfigPath',
  'JoinConfiguration.controlPlane': 'localAPIEndpoint certificateKey',
  'JoinConfiguration.controlPlane.localAPIEndpoint': 'advertiseAddress bindPort',
  ResetConfiguration:
    'certificatesDir cleanupTmpDir criSocket dryRun force ignorePreflightErrors skipPhases timeouts unmountFlags',
  UpgradeConfiguration: 'apply diff node plan timeouts',
};

/** The fields of a document that its kind does not have, each with its path. */
export function unknownFields(document: unknown, path: string, prefix = ''): string[] {
  const allowed = FIELDS[path]?.split(' ');
  if (allowed === undefined || typeof document !== 'object' || document === null) return [];
  return Object.entries(document).flatMap(([key, value]) => {
    const whole = prefix === '' ? key : `${prefix}.${key}`;
    const top = prefix === '' && (key === 'apiVersion' || key === 'kind');
    if (!top && !allowed.includes(key)) return [whole];
    return unknownFields(value, `${path}.${key}`, whole);
  });
}

export const PRINT_TIMEOUTS = {
  controlPlaneComponentHealthCheck: '4m0s',
  discovery: '5m0s',
  etcdAPICall: '2m0s',
  kubeletHealthCheck: '4m0s',
  kubernetesAPICall: '1m0s',
  tlsBootstrap: '5m0s',
  upgradeManifests: '5m0s',
};
