import { SlipwayError } from '../base/errors.ts';
import type { Secrets } from '../base/secrets.ts';
import { evaluate } from '../expression/value.ts';
import { recordScope } from '../expression/scope.ts';
import type { Plan } from '../plan/types.ts';
import type { VariableStore } from '../plan/variables.ts';
import type { Prompt } from '../playbook/types.ts';
import { ask } from './ask.ts';

/** Asks the `vars_prompt` of every play before anything is connected; `-e NAME=...` answers ahead. */
export async function askPrompts(plan: Plan, variables: VariableStore, secrets: Secrets): Promise<void> {
  for (const { play, hosts } of plan.plays) {
    if (hosts.length === 0) continue;
    const answers: Record<string, unknown> = {};
    for (const prompt of play.varsPrompt) {
      if (prompt.name in plan.options.extraVars) continue;
      answers[prompt.name] = await answerTo(prompt, plan);
      if (prompt.private) secrets.add(answers[prompt.name]);
    }
    variables.setPrompts(play.index, answers);
  }
}

async function answerTo(prompt: Prompt, plan: Plan): Promise<unknown> {
  const otherwise = prompt.default && evaluate(prompt.default, recordScope(plan.options.extraVars));
  for (;;) {
    const answer = await ask(prompt.prompt, { secret: prompt.private });
    if (answer === undefined) {
      if (otherwise !== undefined) return otherwise;
      throw new SlipwayError(
        'usage',
        `\`${prompt.name}\` must be answered, and there is no terminal to ask at`,
        {
          hint: `Answer ahead: -e ${prompt.name}=...`,
        },
      );
    }
    if (answer === '' && otherwise !== undefined) return otherwise;
    if (!prompt.confirm || answer === (await ask(`confirm: ${prompt.prompt}`, { secret: prompt.private })))
      return answer;
    process.stderr.write('The two answers differ.\n');
  }
}
