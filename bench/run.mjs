// `npm run bench`: Slipway beside the floor and beside other tools, in one run on this machine (bench/README.md).
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build, install } from '../scripts/install.mjs';
import { cleanUp, cleanUpOnSignals, onCleanup } from './lib/cleanup.mjs';
import { sectionText } from './lib/table.mjs';

const SECTIONS = ['startup', 'validate', 'workload', 'latency', 'scale', 'images'];
const USAGE = `npm run bench -- [--only ${SECTIONS.join(',')}] [--quick] [--hosts N] [--image-size MB] [--nodes N,N] [--uplink MBIT] [--ways WAY,WAY] [--no-peers] [--json FILE]`;

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    hosts: { type: 'string' },
    'image-size': { type: 'string', default: '60' },
    nodes: { type: 'string', default: '1,4,12' },
    uplink: { type: 'string', default: '200' },
    ways: { type: 'string', default: 'tree,direct,turn' },
    'no-peers': { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (flags.help) {
  console.log(USAGE);
  process.exit(0);
}
const wanted = flags.only?.flatMap((names) => names.split(',')) ?? SECTIONS;
const unknown = wanted.filter((name) => !SECTIONS.includes(name));
if (unknown.length > 0) {
  console.error(`there is no section ${unknown.join(', ')}\n${USAGE}`);
  process.exit(3);
}

install();
build();
cleanUpOnSignals();
const folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-bench-'));
onCleanup(() => rmSync(folder, { recursive: true, force: true }));

const progress = (text) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
};
const given = { quick: flags.quick, withPeers: !flags['no-peers'], folder, progress };
const skipped = [];
const failed = [];
const done = [];

async function section(name, missing, work) {
  if (!wanted.includes(name)) return;
  const why = await missing();
  if (why) {
    skipped.push({ name, why });
    console.log(`\n*** ${name} was left out: ${why} ***`);
    return;
  }
  try {
    const result = { name, ...(await work()) };
    progress('');
    console.log(sectionText(result));
    done.push(result);
  } catch (error) {
    progress('');
    console.error(`\n*** ${name} failed: ${error.message} ***`);
    failed.push({ name, why: error.message });
  }
}

let nodes;
async function withNodes(work) {
  const { startNodes } = await import('./lib/nodes.mjs');
  const { imageFor } = await import('./lib/peer-image.mjs');
  nodes ??= await startNodes(flags.quick ? 5 : 20, { image: given.withPeers ? imageFor() : undefined });
  return work({ ...given, nodes });
}
const nodesMissing = async () => (await import('./lib/nodes.mjs')).nodesMissing();

await section(
  'startup',
  () => undefined,
  async () => (await import('./sections/startup.mjs')).startup(given),
);
await section(
  'validate',
  () => undefined,
  async () => (await import('./sections/validate.mjs')).validate(given),
);
await section('workload', nodesMissing, async () =>
  withNodes((await import('./sections/workload.mjs')).workload),
);
await section('latency', nodesMissing, async () =>
  withNodes((await import('./sections/latency.mjs')).latency),
);
await nodes?.stop();
await section(
  'scale',
  async () => (await import('./lib/scale-server.mjs')).serverMissing(),
  async () =>
    (await import('./sections/scale.mjs')).scale({
      ...given,
      ...(flags.hosts ? { hosts: Number(flags.hosts) } : {}),
    }),
);
await section('images', nodesMissing, async () =>
  (await import('./sections/images.mjs')).images({
    ...given,
    size: Number(flags['image-size']) * 1e6,
    counts: flags.nodes.split(',').map(Number),
    uplink: (Number(flags.uplink) * 1e6) / 8,
    ways: flags.ways.split(','),
  }),
);
await cleanUp();
const machine = {
  cpus: os.cpus().length,
  model: os.cpus()[0]?.model,
  memory: os.totalmem(),
  node: process.version,
  load: os.loadavg(),
};
if (flags.json)
  writeFileSync(
    flags.json,
    `${JSON.stringify({ date: new Date().toISOString(), machine, sections: done, skipped, failed }, null, 2)}\n`,
  );
console.log(
  `machine: ${machine.cpus} x ${machine.model}, ${Math.round(machine.memory / 2 ** 30)} GB, node ${machine.node}, load ${machine.load[0].toFixed(1)}`,
);
process.exit(failed.length > 0 ? 1 : 0);
