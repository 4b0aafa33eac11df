import { FxError } from '../../core/base/errors.js';
import { oneLine } from '../../core/base/text.js';
import type { Terminal } from './terminal.js';

/** What a question needs: a person, and the flag that answers it where there is none. */
export interface Asking {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** As typed: `--confirm paper`. */
  readonly flag: string;
}

export interface Choice<T extends string> {
  readonly value: T;
  readonly name: string;
}

/** Consent: the person types the name at stake. A wrong name is a no. */
export async function typedConsent(asking: Asking, question: string, name: string): Promise<void> {
  const answer = await askText(asking, `${question} Type ${name} to go on`);
  if (answer.trim() === name) return;
  throw new FxError('APPROVAL.DECLINED', {
    message: `${JSON.stringify(answer)} is not ${JSON.stringify(name)}: nothing was changed`,
    next: 'run the command again and type the name',
  });
}

export async function askText(asking: Asking, question: string, fallback?: string): Promise<string> {
  refuseWithoutPerson(asking, question);
  const { input } = await import('@inquirer/prompts');
  return answered(
    asking,
    input({ message: oneLine(question), ...(fallback === undefined ? {} : { default: fallback }) }, context(asking)),
  );
}

export async function askChoice<T extends string>(
  asking: Asking,
  question: string,
  choices: readonly Choice<T>[],
  fallback: T,
): Promise<T> {
  refuseWithoutPerson(asking, question);
  const { select } = await import('@inquirer/prompts');
  return answered(
    asking,
    select<T>({ message: oneLine(question), choices: [...choices], default: fallback }, context(asking)),
  );
}

/** Without a terminal nothing prompts: the flag is named instead. */
function refuseWithoutPerson(asking: Asking, question: string): void {
  if (asking.terminal.interactive) return;
  throw new FxError('USAGE.NO_TERMINAL', {
    message: `there is no terminal to ask: ${question}`,
    next: `give the answer with ${asking.flag}`,
    facts: { flag: asking.flag },
  });
}

/** Questions stand on stderr; stdout is for the answer. */
function context(asking: Asking): { output: NodeJS.WritableStream; signal: AbortSignal } {
  return { output: process.stderr, signal: asking.signal };
}

/** Ctrl-C and a closed input at a question are a no, not an error of ours. */
async function answered<T>(asking: Asking, question: Promise<T>): Promise<T> {
  try {
    return await question;
  } catch (error) {
    asking.signal.throwIfAborted();
    if (error instanceof Error && error.name === 'ExitPromptError') {
      throw new FxError('APPROVAL.DECLINED', {
        message: 'the question was left unanswered: nothing was changed',
        next: 'run the command again',
        cause: error,
      });
    }
    throw error;
  }
}
