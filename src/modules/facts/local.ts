import { assignments, type Report } from './sections.ts';

/** Facts of the host's own making (`*.fact`, JSON or INI), by file name; what cannot be read says so, as in Ansible. */
export function localFacts(report: Report): Record<string, unknown> {
  const facts: Record<string, unknown> = {};
  const text = report.lines('local').join('\n');
  for (const part of text.split('\u001e').slice(1)) {
    const at = part.indexOf('\n');
    const name = part.slice(0, at).replace(/\.fact$/, '');
    facts[name] = parse(part.slice(at + 1).trim());
  }
  return facts;
}

function parse(text: string): unknown {
  if (/^[[{"\d-]|^(true|false|null)$/.test(text) && !/^\[\w[^\]"]*\]\s*(\n|$)/.test(text)) {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return `error loading facts: neither JSON nor INI: ${text.slice(0, 80)}`;
    }
  }
  const sections: Record<string, Record<string, string>> = {};
  for (const part of text.split(/^(?=\[)/m)) {
    const name = /^\[([^\]]+)\]/.exec(part)?.[1];
    if (name === undefined) continue;
    const lines = part.split('\n').slice(1);
    sections[name] = assignments(lines.map((line) => line.replace(/^(\s*\w+)\s*[:=]\s*/, '$1=')));
  }
  return Object.keys(sections).length > 0
    ? sections
    : `error loading facts: neither JSON nor INI: ${text.slice(0, 80)}`;
}
