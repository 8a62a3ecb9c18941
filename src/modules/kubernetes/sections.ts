import { type Program, sh } from '../../module/program.ts';

/** sh that starts a named part of a probe's output. Read with `sections`. */
export function section(name: string): Program {
  return sh`printf '\n@@@ %s\n' ${name}`;
}

/** Parts of an output by name, without outer white space. */
export function sections(stdout: string): ReadonlyMap<string, string> {
  const parts = new Map<string, string>();
  for (const part of `\n${stdout}`.split('\n@@@ ').slice(1)) {
    const end = part.indexOf('\n');
    parts.set(end < 0 ? part : part.slice(0, end), end < 0 ? '' : part.slice(end + 1).trim());
  }
  return parts;
}

/** The words of a part, by white space. */
export function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}
