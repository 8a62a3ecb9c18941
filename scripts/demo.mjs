// `npm run demo`: three disposable hosts, a cluster on them, the same once more (nothing changes), a rebuild, and
// nothing left behind. The last line is the result. `npm run demo -- --driver docker` takes containers.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { build, install, root } from './install.mjs';

install();
build();

const program = path.join(root, 'bin/slipway.cjs');
const inventory = '.slipway/lab/inventory.yml';
const driver = process.argv.slice(2);
const simulated = !driver.includes('--kubernetes');

let child;
let interrupted = false;
// The program in front handles Ctrl-C by itself (the terminal tells it too); here it only means: no next step.
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    interrupted = true;
    if (signal === 'SIGTERM') child?.kill(signal);
  });

function slipway(args, { always = false } = {}) {
  if (interrupted && !always) return Promise.resolve({ code: 99, seconds: 0 });
  console.log(`\n$ slipway ${args.join(' ')}`);
  const start = performance.now();
  return new Promise((resolve) => {
    child = spawn(process.execPath, [program, ...args], { cwd: root, stdio: 'inherit' });
    child.on('error', (error) => console.error(error.message));
    child.on('close', (code) => resolve({ code: code ?? 1, seconds: (performance.now() - start) / 1000 }));
  });
}

/** The recap of the run that ended last: counts for each host, from the events that every run keeps. */
function lastRecap() {
  const runs = path.join(root, '.slipway/runs');
  const last = existsSync(runs) ? readdirSync(runs).sort().at(-1) : undefined;
  if (!last) throw new Error('the run left no events');
  const lines = readFileSync(path.join(runs, last, 'events.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');
  const end = lines.map((line) => JSON.parse(line)).findLast((event) => event.event === 'run.finished');
  if (!end) throw new Error(`${last} has no end`);
  return Object.values(end.hosts);
}

const seconds = (value) => `${value < 10 ? value.toFixed(1) : Math.round(value)}s`;

async function demo() {
  if (simulated)
    console.log(
      'Kubernetes is simulated in this demo: hosts, SSH, apt and systemd units are there, containers are not.',
    );
  const run = (playbook, ...more) => ['run', `playbooks/${playbook}`, '-i', inventory, ...more];
  const step = async (args) => {
    const result = await slipway(args);
    if (result.code !== 0)
      throw new Failed(
        `slipway ${args.slice(0, 2).join(' ')} ended with exit code ${result.code}`,
        result.code,
      );
    return result;
  };
  const up = await step(['lab', 'up', '--nodes', '3', ...driver]);
  const first = await step(run('bootstrap.yml'));
  const nodes = JSON.parse(readFileSync(path.join(root, '.slipway/lab/state.json'), 'utf8')).nodes.length;
  const second = await step(run('bootstrap.yml'));
  const changed = lastRecap().reduce((sum, host) => sum + host.changed, 0);
  const rebuilt = await step(run('rebuild.yml', '-e', 'confirm=lab'));
  return {
    nodes,
    ready: up.seconds + first.seconds,
    second: second.seconds,
    changed,
    rebuilt: rebuilt.seconds,
  };
}

class Failed extends Error {
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}

let result;
let failure;
try {
  result = await demo();
} catch (error) {
  failure = error;
}
const down = await slipway(['lab', 'down'], { always: true });
if (failure) {
  console.error(`\ndemo: ${interrupted ? 'interrupted' : failure.message}`);
  process.exit(interrupted ? 99 : (failure.code ?? 1));
}
const { nodes, ready, second, changed, rebuilt } = result;
console.log(
  `\ndemo: ${nodes} nodes ready in ${seconds(ready)} · second run ${changed} changed in ${seconds(second)} · rebuilt in ${seconds(rebuilt)}`,
);
process.exit(changed === 0 ? down.code : 1);
