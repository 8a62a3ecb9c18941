import { Type } from 'typebox';
import { defineState } from '../../module/contract.ts';
import { destinationParams } from './copy-params.ts';
import { fileReturns } from './file-result.ts';
import { checkMode, octal } from './mode.ts';
import { baseName } from './path.ts';
import { byWay, type Way, way } from './way.ts';
import { writeFile } from './write-file.ts';

const NEWLINES = { '\\n': '\n', '\\r': '\r', '\\r\\n': '\r\n', '\n': '\n', '\r': '\r', '\r\n': '\r\n' };

export const template = defineState({
  name: 'template',
  summary: 'A file on the host, rendered from a template of the controller.',
  description:
    'As `ansible.builtin.template`, but templates are Handlebars: `{{ name }}`, `{{#if}}`, `{{#each}}`. The file is looked up in `templates`. Not there, since they are Jinja2: `trim_blocks`, `lstrip_blocks`, the `*_string` markers; and `output_encoding` (always UTF-8). ACLs and extended attributes of a file that is replaced are not kept.',
  templates: ['src'],
  params: Type.Object({
    src: Type.String({ description: 'The template.', minLength: 1 }),
    ...destinationParams,
    newline_sequence: Type.Optional(
      Type.Enum(Object.keys(NEWLINES), {
        default: '\\n',
        description: 'What ends a line in the result.',
      }),
    ),
  }),
  returns: Type.Object(fileReturns),
  elsewhere: {
    trim_blocks: 'It is for Jinja2; templates are Handlebars here. Leave it out.',
    lstrip_blocks: 'It is for Jinja2; templates are Handlebars here. Leave it out.',
    block_start_string: 'It is for Jinja2; templates are Handlebars here. Leave it out.',
    block_end_string: 'It is for Jinja2; templates are Handlebars here. Leave it out.',
    variable_start_string: 'It is for Jinja2; templates are Handlebars here. Leave it out.',
    variable_end_string: 'It is for Jinja2; templates are Handlebars here. Leave it out.',
    comment_start_string: 'It is for Jinja2; templates are Handlebars here. Leave it out.',
    comment_end_string: 'It is for Jinja2; templates are Handlebars here. Leave it out.',
    output_encoding: 'It is always UTF-8.',
  },
  examples: [
    {
      title: 'a configuration file',
      yaml: `
        - template: {src: node.conf.hbs, dest: /etc/slipway-node.conf, owner: root, mode: '0640'}
          vars: {role: worker, peers: [10.0.0.1, 10.0.0.2]}
      `,
    },
  ],

  prepare: async (p, local): Promise<Way> => {
    checkMode(p.mode);
    const path = await local.find(p.src, 'templates');
    const rendered = await local.render(path);
    const newline = NEWLINES[(p.newline_sequence ?? '\n') as keyof typeof NEWLINES];
    const text = newline === '\n' ? rendered : rendered.replace(/\r?\n/g, newline);
    const mode = p.mode === 'preserve' ? octal(((await local.stat(path))?.mode ?? 0o644) & 0o7777) : p.mode;
    const file = writeFile({
      ...p,
      name: baseName(p.src),
      content: { bytes: Buffer.from(text) },
      attributes: { mode, owner: p.owner, group: p.group },
      inPlace: p.unsafe_writes,
    });
    return way({ ...file, result: (current) => ({ src: path, ...file.result(current) }) });
  },
  ...byWay,
  result: (current, ready) => ready.result(current),
  forecast: (to, current, ready) => ready.forecast?.(to, current) ?? {},
});
