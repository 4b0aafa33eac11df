import { FxError } from '../../core/base/errors.js';
import { type CommandContext, textFlag } from '../runtime/command.js';

/** What stands for the account at stake where there is only a paper book. */
export const PAPER = 'paper';

/**
 * Consent: the id of each account at stake is typed, or given with `--confirm` when there is one. Throws `APPROVAL.DECLINED`
 * for a wrong word, `USAGE.*` where nobody can be asked.
 */
export async function consent(ctx: CommandContext, accounts: readonly string[], question: string): Promise<void> {
  const names = accounts.length === 0 ? [PAPER] : accounts;
  const given = textFlag(ctx, 'confirm');
  const [first = PAPER] = names;
  if (given !== undefined) {
    if (names.length === 1 && given === first) return;
    const several = names.length > 1;
    const message = several
      ? `--confirm names one account, and ${names.length} are at stake: ${names.join(', ')}`
      : `--confirm is ${JSON.stringify(given)}, the account at stake is ${first}`;
    const next = several ? 'take one at a time: --book NAME, or --broker NAME' : `write --confirm ${first}`;
    throw new FxError('USAGE.WRONG_ACCOUNT', { message, next, facts: { given, accounts: names } });
  }
  const { typedConsent } = await import('../ui/prompt.js');
  for (const name of names) {
    await typedConsent({ terminal: ctx.terminal, signal: ctx.signal, flag: `--confirm ${name}` }, question, name);
  }
}
