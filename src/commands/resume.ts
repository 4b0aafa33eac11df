import { FxError } from '../core/base/errors.js';
import { oneLine } from '../core/base/text.js';
import { type HaltLine, type HaltScope, readHalts } from '../core/state/halt-file.js';
import { recordResume, removeHalts } from '../core/state/lift-halt.js';
import { haltScope, whoAmI } from './halt.js';
import { type CommandContext, defineCommand, textFlag } from './runtime/command.js';

interface ResumeAnswer {
  readonly resumed: boolean;
  readonly resumedAt: string | null;
  readonly scope: HaltScope;
  readonly reason: string;
  readonly removed: readonly HaltLine[];
  /** What still halts. */
  readonly halts: readonly HaltLine[];
}

/** What stands for the account at stake while there is only the paper book. */
const PAPER = 'paper';

/**
 * Lifts a halt: `--scope S` the lines of that scope, without it the whole latch. When nothing of that scope is halted it
 * says so with exit 0 and asks nothing, because the wanted state is there; `resumed` is false then.
 */
export const command = defineCommand<ResumeAnswer>({
  async run(ctx) {
    const scope = haltScope(textFlag(ctx, 'scope') ?? 'all');
    const reason = textFlag(ctx, 'reason')?.trim() ?? '';
    if (reason === '') {
      const next = 'give --reason TEXT: what was wrong, and why it is safe to trade again';
      throw new FxError('USAGE.MISSING_REASON', {
        message: 'a resume needs a reason',
        next,
        facts: { flag: '--reason' },
      });
    }
    const halts = readHalts(ctx.home);
    const wanted = scope === 'all' ? halts : halts.filter((halt) => halt.scope === scope);
    if (wanted.length === 0) return { data: { resumed: false, resumedAt: null, scope, reason, removed: [], halts } };
    await consent(ctx, wanted);
    const resumedAt = new Date(ctx.clock.now()).toISOString();
    recordResume(ctx.home, { time: resumedAt, who: whoAmI(ctx.env), reason, scope, halts: wanted });
    const { removed, kept } = removeHalts(ctx.home, scope);
    return { data: { resumed: true, resumedAt, scope, reason, removed, halts: kept } };
  },
  view(data, terminal) {
    if (data.resumed)
      terminal.out(`RESUMED ${oneLine(data.scope)} at ${data.resumedAt}: ${data.removed.length} halt(s) lifted`);
    else terminal.out(`not halted for ${oneLine(data.scope)}: nothing to lift`);
    for (const halt of data.halts) terminal.out(`still halted: ${describe(halt)}`);
  },
});

async function consent(ctx: CommandContext, halts: readonly HaltLine[]): Promise<void> {
  const given = textFlag(ctx, 'confirm');
  if (given === PAPER) return;
  if (given !== undefined) {
    const message = `--confirm is ${JSON.stringify(given)}, the account at stake is ${PAPER}`;
    throw new FxError('USAGE.WRONG_ACCOUNT', { message, next: `write --confirm ${PAPER}` });
  }
  if (ctx.terminal.interactive) for (const halt of halts) ctx.terminal.err(`halted: ${describe(halt)}`);
  const { typedConsent } = await import('./ui/prompt.js');
  const asking = { terminal: ctx.terminal, signal: ctx.signal, flag: `--confirm ${PAPER}` };
  await typedConsent(asking, 'Trading may go on after this.', PAPER);
}

function describe(halt: HaltLine): string {
  const since = halt.time === '' ? '' : ` since ${oneLine(halt.time)}`;
  return `${oneLine(halt.scope)}${since} by ${oneLine(halt.who)}: ${oneLine(halt.reason)}`;
}
