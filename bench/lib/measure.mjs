// Runs a command and says what it took: wall time, CPU of it and all its children, memory of its largest process.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { onCleanup } from './cleanup.mjs';

/** The shell waits for the command, then prints what its children used. */
const TIMED = '"$@" 3>&-; code=$?; times >&3; exit $code';

/**
 * @returns {Promise<{ seconds: number, cpu: number, rss: number, code: number, stdout: string, stderr: string }>}
 *   cpu: seconds, user and system; rss: bytes at the peak
 */
export async function measure(program, args = [], { cwd, env, input, code: wanted = 0 } = {}) {
  const start = performance.now();
  const child = spawn('/bin/sh', ['-c', TIMED, 'sh', program, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const forget = onCleanup(() => kill(child.pid));
  const texts = ['', '', '', ''];
  for (const at of [1, 2, 3]) child.stdio[at].setEncoding('utf8').on('data', (text) => (texts[at] += text));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const memory = watchMemory(child.pid);
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve(status ?? 255));
  }).finally(memory.stop);
  const seconds = (performance.now() - start) / 1000;
  forget();
  const result = {
    seconds,
    cpu: cpuOf(texts[3]),
    rss: memory.peak(),
    code,
    stdout: texts[1],
    stderr: texts[2],
  };
  if (code !== wanted)
    throw new Error(`${program} ${args.join(' ')} ended with exit code ${code}:\n${told(result)}`);
  return result;
}

// What went wrong stands anywhere in the output of a long run; its end stands at the end.
function told({ stdout, stderr }) {
  const lines = `${stdout}${stderr}`.split('\n');
  const wrong = lines
    .slice(0, -15)
    .filter((line) => /fail|error|unreachable|refused/i.test(line) && !/failed=0/.test(line));
  return [...wrong.slice(0, 10), ...lines.slice(-15)].join('\n');
}

function kill(pid) {
  try {
    process.kill(-pid, 'SIGTERM');
  } catch {
    // It has ended.
  }
}

// `times` prints two lines, for the shell and for its children: 0m0.123s 0m0.045s
function cpuOf(text) {
  const children = text.trim().split('\n').at(-1) ?? '';
  let sum = 0;
  for (const [, minutes, seconds] of children.matchAll(/(\d+)m([\d.]+)s/g))
    sum += minutes * 60 + Number(seconds);
  return sum;
}

function watchMemory(root) {
  let peak = 0;
  const look = () => {
    for (const pid of descendants(root)) peak = Math.max(peak, highWater(pid));
  };
  const timer = setInterval(look, 50);
  return { peak: () => peak, stop: () => clearInterval(timer) };
}

function descendants(pid) {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

const highWater = (pid) => Number(/^VmHWM:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // The process has ended meanwhile.
    return '';
  }
}
