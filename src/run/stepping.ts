export type Choice = 'yes' | 'no' | 'stop';
type Ask = (question: string) => Promise<string | undefined>;

/**
 * `--step`: a person decides before each task. Hosts go in step then (`strategy: linear`), so all that come to a task
 * wait for one answer.
 */
export class Stepping {
  readonly #ask: Ask;
  readonly #answers = new Map<string, Promise<Choice>>();
  // One question at a time, also where two plays run at once.
  #last: Promise<unknown> = Promise.resolve();
  #all = false;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /**
   * Whether a task runs; the first host that comes to it has it asked. Where the question was interrupted: stop.
   * @param key the same for all hosts that the answer is for
   */
  allows(key: string, name: string): Promise<Choice> {
    let answer = this.#answers.get(key);
    if (!answer) {
      answer = this.#last.then(() => this.#question(name)).catch(() => 'stop');
      this.#last = answer;
      this.#answers.set(key, answer);
    }
    return answer;
  }

  async #question(name: string): Promise<Choice> {
    if (this.#all) return 'yes';
    const answer = await this.#ask(`Perform task: ${name} (N)o/(y)es/(c)ontinue:`);
    const letter = (answer ?? '').trim().toLowerCase();
    if (letter === 'c' || letter === 'continue') this.#all = true;
    return this.#all || letter === 'y' || letter === 'yes' ? 'yes' : 'no';
  }
}
