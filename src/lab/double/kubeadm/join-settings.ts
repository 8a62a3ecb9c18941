import type { FlagSpec, Parsed } from '../host/flags.ts';
import { checkJoin } from './config-check.ts';
import { readDocuments, readJoin } from './config-read.ts';
import type { JoinSettings } from './config-types.ts';
import { refuseMixed } from './init-settings.ts';

const SETTING = {
  'apiserver-advertise-address': 'text',
  'apiserver-bind-port': 'text',
  'certificate-key': 'text',
  'control-plane': 'bool',
  'cri-socket': 'text',
  'discovery-file': 'text',
  'discovery-token': 'text',
  'discovery-token-ca-cert-hash': 'list',
  'discovery-token-unsafe-skip-ca-verification': 'bool',
  'node-name': 'text',
  'tls-bootstrap-token': 'text',
  token: 'text',
} as const satisfies FlagSpec;

export const JOIN_FLAGS: FlagSpec = {
  ...SETTING,
  config: 'text',
  'dry-run': 'bool',
  'ignore-preflight-errors': 'list',
  patches: 'text',
  'skip-phases': 'list',
  v: 'text',
  help: 'bool',
};

/** The settings of `join`: the file, or the flags and the endpoint. */
export function joinSettings(flags: Parsed): JoinSettings {
  refuseMixed(flags, SETTING);
  const path = flags.text('config');
  const settings = readJoin(path === undefined ? [] : readDocuments(path));
  const token = flags.text('token');
  settings.endpoint = flags.args[0] ?? settings.endpoint;
  settings.discoveryToken = flags.text('discovery-token') ?? token ?? settings.discoveryToken;
  settings.tlsToken =
    flags.text('tls-bootstrap-token') ?? token ?? settings.tlsToken ?? settings.discoveryToken;
  settings.hashes = [...settings.hashes, ...flags.list('discovery-token-ca-cert-hash')];
  settings.skipVerification ||= flags.bool('discovery-token-unsafe-skip-ca-verification');
  settings.discoveryFile = flags.text('discovery-file') ?? settings.discoveryFile;
  settings.controlPlane ||= flags.bool('control-plane');
  settings.certificateKey = flags.text('certificate-key') ?? settings.certificateKey;
  const { node } = settings;
  node.name = flags.text('node-name') ?? node.name;
  node.criSocket = flags.text('cri-socket') ?? node.criSocket;
  node.advertiseAddress = flags.text('apiserver-advertise-address') ?? node.advertiseAddress;
  node.bindPort = Number(flags.text('apiserver-bind-port') ?? node.bindPort);
  checkJoin(settings);
  return settings;
}
