import type { KubeObject } from '../kube/types.ts';

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

function words(line: string): string[] {
  return (line.match(/"[^"]*"|'[^']*'|[^\s]+/g) ?? []).map((word) =>
    word.replace(/^(["'])([\s\S]*)\1$/, '$2'),
  );
}

function one(pod: KubeObject, command: readonly string[]): Outcome {
  const [program = '', ...args] = command;
  const ok = (stdout: string): Outcome => ({ stdout, stderr: '', code: 0 });
  switch (program.replace(/^.*\//, '')) {
    case 'echo':
      return ok(`${args.filter((a) => a !== '-n').join(' ')}\n`);
    case 'hostname':
      return ok(`${pod.metadata.name}\n`);
    case 'date':
      return ok(`${new Date().toUTCString()}\n`);
    case 'env':
      return ok(`HOSTNAME=${pod.metadata.name}\nKUBERNETES_PORT=tcp://10.96.0.1:443\n`);
    case 'true':
    case 'sleep':
    case ':':
      return ok('');
    case 'false':
      return { stdout: '', stderr: '', code: 1 };
    case 'exit':
      return { stdout: '', stderr: '', code: Number(args[0] ?? 0) };
    default:
      return { stdout: '', stderr: `simulated pod: "${program}" does not run in a Slipway lab\n`, code: 126 };
  }
}

/** What a command prints in a pod of the lab. A handful of words are known; no container runs. */
export function simulate(pod: KubeObject, command: readonly string[]): Outcome {
  const shell = /^(?:.*\/)?(?:sh|bash|ash)$/.test(command[0] ?? '') && command[1]?.endsWith('c');
  if (!shell) return one(pod, command);
  let stdout = '';
  let stderr = '';
  for (const line of (command[2] ?? '').split(/[;\n]|&&/).map((l) => l.trim())) {
    if (line === '') continue;
    const outcome = one(pod, words(line));
    stdout += outcome.stdout;
    stderr += outcome.stderr;
    if (outcome.code !== 0) return { stdout, stderr, code: outcome.code };
  }
  return { stdout, stderr, code: 0 };
}

/** What a container of the pod has written so far. */
export function logsOf(pod: KubeObject, name: string | undefined): string {
  const container = pod.spec?.containers?.find((c) => name === undefined || c.name === name);
  const command = [...(container?.command ?? []), ...(container?.args ?? [])];
  if (command.length > 0) {
    const outcome = simulate(pod, command);
    if (outcome.code !== 126) return outcome.stdout + outcome.stderr;
  }
  return `simulated pod (Slipway lab): ${container?.image ?? 'no image'} does not run here\n`;
}
