import { Type } from 'typebox';
import { defineState } from '../../module/contract.ts';
import { parseChecksum } from './checksum.ts';
import { fileReturns } from './file-result.ts';
import { readAnswer } from './download.ts';
import { downloadWay } from './get-url-way.ts';
import { checkMode } from './mode.ts';
import { attributeParams, writeParams } from './params.ts';
import { byWay, type Way, way } from './way.ts';

/** How a download is made, for every module that makes one. */
export const downloadParams = {
  timeout: Type.Optional(
    Type.Integer({ default: 10, description: 'Seconds without an answer.', minimum: 1 }),
  ),
  headers: Type.Optional(
    Type.Record(Type.String(), Type.String(), { description: 'Headers of the request.' }),
  ),
  url_username: Type.Optional(Type.String({ description: 'User for basic authentication.' })),
  url_password: Type.Optional(Type.String({ description: 'Its password.' })),
  validate_certs: Type.Optional(
    Type.Boolean({ default: true, description: "Check the server's certificate." }),
  ),
  use_proxy: Type.Optional(
    Type.Boolean({ default: true, description: "Use the proxy of the host's environment." }),
  ),
  http_agent: Type.Optional(Type.String({ description: 'The User-Agent header.' })),
  client_cert: Type.Optional(
    Type.String({ description: 'A certificate (PEM) on the host to show the server.' }),
  ),
  client_key: Type.Optional(Type.String({ description: 'Its key, unless it is in the same file.' })),
};

export const get_url = defineState({
  name: 'get_url',
  summary: 'A file that the host downloads.',
  description:
    'As `ansible.builtin.get_url`, with curl or else wget of the host. With `checksum` the file is downloaded only when it differs, and kept only when it fits. Without: a file that is there stays, unless `force` is true; then it is downloaded to compare (a dry run, too). With wget a password can be seen in the list of processes of the host. Not there: `tmp_dest` (the temporary file is beside the target, so that it can be renamed), `ciphers`, `force_basic_auth` (always so), `decompress`, `use_gssapi`, `unredirected_headers`. Of the returns: `md5sum`, `secontext`; `status_code` and `elapsed` are those of a download that left a new file, and curl alone tells them: not where the file stayed as it was (it may have been asked for and compared, or not at all), nor with wget. A download that the server refused fails and says how.',
  params: Type.Object({
    url: Type.String({ description: 'http, https, ftp; with curl also file.', pattern: '^[a-zA-Z]+://' }),
    dest: Type.String({
      description: 'The file, or a directory that is there: then it is named as in the URL.',
      minLength: 1,
    }),
    checksum: Type.Optional(
      Type.String({
        description:
          '`algorithm:hash`, or `algorithm:URL` of a list as sha256sum prints it. md5, sha1, sha224, sha256, sha384, sha512.',
      }),
    ),
    force: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Without a checksum: replace the file when the URL has another.',
      }),
    ),
    ...downloadParams,
    ...attributeParams,
    ...writeParams,
  }),
  returns: Type.Object({
    ...fileReturns,
    url: Type.String({ description: 'The URL.' }),
    checksum_src: Type.Optional(
      Type.String({ description: 'Of what was downloaded, where it was: SHA-256.' }),
    ),
    checksum_dest: Type.Optional(Type.String({ description: 'The same as `checksum`.' })),
    status_code: Type.Optional(
      Type.Integer({
        description:
          'Of the answer (200), where a new file was downloaded by curl. Not with wget, nor for a file that stayed.',
      }),
    ),
    elapsed: Type.Optional(Type.Integer({ description: 'Whole seconds that the download took, likewise.' })),
    msg: Type.Optional(Type.String({ description: 'What was done: `OK (6 bytes)`, `file already exists`.' })),
  }),
  secretParams: ['url_password'],
  elsewhere: {
    username: 'Write `url_username`.',
    password: 'Write `url_password`.',
    force_basic_auth: 'The user and password are always sent; leave it out.',
    tmp_dest: 'The file is made beside `dest`; leave it out.',
    use_netrc: 'Write `url_username` and `url_password`.',
  },
  examples: [
    {
      title: 'a program, by its checksum',
      given:
        "mkdir -p /srv/dl && printf 'hello\\n' > /srv/dl/tool && { busybox httpd -p 127.0.0.1:8099 -h /srv/dl || true; }",
      yaml: `
        - get_url:
            url: http://127.0.0.1:8099/tool
            dest: /usr/local/bin/slipway-tool
            mode: '0755'
            checksum: sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
      `,
    },
    {
      title: 'the checksum is in a list beside it',
      given:
        "mkdir -p /srv/dl && printf 'hello\\n' > /srv/dl/tool && (cd /srv/dl && sha512sum tool > SHA512SUMS) && { busybox httpd -p 127.0.0.1:8099 -h /srv/dl || true; }",
      yaml: `
        - get_url:
            url: http://127.0.0.1:8099/tool
            dest: /opt/
            checksum: sha512:http://127.0.0.1:8099/SHA512SUMS
      `,
    },
    {
      title: 'replaced when the server has another',
      given:
        "mkdir -p /srv/dl && printf 'hello\\n' > /srv/dl/tool && echo old > /srv/tool && { busybox httpd -p 127.0.0.1:8099 -h /srv/dl || true; }",
      yaml: `
        - get_url: {url: 'http://127.0.0.1:8099/tool', dest: /srv/tool, force: true, backup: true}
      `,
    },
  ],

  prepare: (p): Way & { readonly url: string } => {
    checkMode(p.mode);
    const chosen = downloadWay({
      source: {
        url: p.url,
        timeout: p.timeout,
        headers: p.headers,
        username: p.url_username,
        password: p.url_password,
        validateCerts: p.validate_certs,
        useProxy: p.use_proxy,
        agent: p.http_agent,
        clientCert: p.client_cert,
        clientKey: p.client_key,
      },
      dest: p.dest,
      checksum: p.checksum === undefined ? undefined : parseChecksum(p.checksum),
      force: p.force ?? false,
      attributes: { mode: p.mode, owner: p.owner, group: p.group },
      backup: p.backup,
      validate: p.validate,
      inPlace: p.unsafe_writes,
    });
    return { ...way(chosen), url: p.url };
  },
  ...byWay,
  result: (current, ready, done, said) => {
    const result = ready.result(current);
    const { checksum, size } = result;
    const downloaded = (done as { content?: boolean } | undefined)?.content === true;
    return {
      ...result,
      url: ready.url,
      ...(checksum !== undefined && { checksum_dest: checksum }),
      ...(downloaded && checksum !== undefined && { checksum_src: checksum }),
      ...(downloaded && readAnswer(said?.stdout ?? '')),
      msg: downloaded
        ? `OK (${size} bytes)`
        : `file already exists${done === undefined ? '' : ' but file attributes changed'}`,
    };
  },
  forecast: (to, current, ready) => ({ ...ready.forecast?.(to, current), url: ready.url }),
});
