import { readAnswer, type SipAnswer } from './sip-client-answer.ts';

/** Answers that have come and nobody has taken yet. */
export class Inbox {
  readonly #answers: SipAnswer[] = [];
  readonly #waiting = new Set<() => void>();

  put(text: string): void {
    this.#answers.push(readAnswer(text));
    for (const look of this.#waiting) look();
  }

  async next(matches: (answer: SipAnswer) => boolean = () => true, ms = 5000): Promise<SipAnswer> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const at = this.#answers.findIndex(matches);
        if (at < 0) return;
        end();
        resolve(this.#answers.splice(at, 1)[0]!);
      };
      const timer = setTimeout(() => {
        end();
        const came = this.#answers.map(({ status, reason }) => `${status} ${reason}`).join(', ') || 'nothing';
        reject(new Error(`no such answer in ${ms} ms; what came: ${came}`));
      }, ms);
      const end = () => {
        clearTimeout(timer);
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
      look();
    });
  }

  async collect(ms: number): Promise<SipAnswer[]> {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return this.#answers.splice(0);
  }
}
