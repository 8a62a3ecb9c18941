import { ERROR_CODES, SlipwayError } from '../base/errors.ts';
import { didYouMean } from '../base/suggest.ts';
import { modules } from '../modules/index.generated.ts';
import { moduleText } from './reference/module.ts';

/** `slipway doc [NAME]`: a module or an error code; without a name, all of them. */
export async function docCommand(name: string | undefined): Promise<number> {
  process.stdout.write(name === undefined ? listText() : textOf(name));
  return 0;
}

function listText(): string {
  const all = [...modules.values()].sort((a, b) => a.name.localeCompare(b.name));
  const width = Math.max(...all.map((module) => module.name.length));
  const lines = all.map((module) => `  ${module.name.padEnd(width)}  ${module.summary}`);
  return `Modules (slipway doc NAME):\n${lines.join('\n')}\n`;
}

function textOf(name: string): string {
  const module = modules.get(name);
  if (module) return moduleText(module);
  const meaning = (ERROR_CODES as Readonly<Record<string, string>>)[name];
  if (meaning) return `# ${name}\n\n${meaning}\n`;
  const known = [...modules.keys(), ...Object.keys(ERROR_CODES)];
  throw new SlipwayError('usage', `there is no module and no error code \`${name}\``, {
    hint: didYouMean(name, known),
  });
}
