/** Names that begin with `ansible_` and are no facts: how a host is reached, the loop, the run. */
const NO_FACT =
  /^(become\w*|(ssh_)?(host|port|user|timeout|private_key_file|host_key_checking)|\w*_pass(word)?|password|connection|ssh_(common_|extra_)?args|\w*_interpreter|check_mode|diff_mode|run_tags|skip_tags|play_(hosts|hosts_all|batch|name)|role_name|loop|loop_var|index_var|failed_(task|result))$/;

/** `.name`, `.?name`, `['name']`, `.[name]`; the name of a method (`.size()`) is none. */
const LITERAL =
  /^(?:\s*\.\s*\??\s*([A-Za-z_]\w*)(?![\w(])|\s*\[\s*\??\s*(?:'([^'\\]*)'|"([^"\\]*)")\s*\]|\.\[(\w+)\])/;

/**
 * The facts that texts of a playbook name, without `ansible_`: every name in a text counts, wherever it stands, so that
 * none can hide. Where the facts are used as a whole, or a name is put together, any fact may be meant.
 */
export class FactMentions {
  readonly names = new Set<string>();
  any = false;

  unknown(): void {
    this.any = true;
  }

  text(text: string): void {
    if (this.any || !/ansible_|hostvars|@root/.test(text)) return;
    for (const { 1: name, index, 0: found } of text.matchAll(/\bansible_(\w*)/g)) {
      if (name === 'facts') this.#field(text.slice(index + found.length));
      else if (name === '') this.any = true;
      else if (!NO_FACT.test(name!)) this.names.add(name!);
    }
    for (const { index, 0: found } of text.matchAll(/\bhostvars\b/g)) {
      const rest = pastHost(text.slice(index + found.length));
      if (rest === undefined || !LITERAL.test(rest)) this.any = true;
    }
    if (/@root\b(?!\.\w)/.test(text)) this.any = true;
  }

  /** Which of `ansible_facts` it is. */
  #field(rest: string): void {
    const found = LITERAL.exec(rest.replace(/^['"]\s*\]/, ''));
    const name = found?.[1] ?? found?.[2] ?? found?.[3] ?? found?.[4];
    if (name === undefined) this.any = true;
    else this.names.add(name);
  }
}

/** What follows the host in `hostvars[host].name`; the host may be anything. */
function pastHost(text: string): string | undefined {
  const literal = LITERAL.exec(text);
  if (literal) return text.slice(literal[0].length);
  const start = /^\s*\[/.exec(text);
  if (!start) return undefined;
  let depth = 0;
  for (const { 0: part, index } of text.matchAll(/'[^']*'|"[^"]*"|[[\]]/g)) {
    if (part === '[') depth += 1;
    if (part === ']') depth -= 1;
    if (depth === 0 && part === ']') return text.slice(index + 1);
  }
  return undefined;
}
