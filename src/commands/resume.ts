import { FxError } from '../core/base/errors.js';
import { oneLine } from '../core/base/text.js';
import { bookFacts } from '../core/state/emergency/book-facts.js';
import { missingHalts } from '../core/state/emergency/missing-halts.js';
import { readOrderLog } from '../core/state/emergency/order-log.js';
import { type HaltLine, type HaltScope, readHalts } from '../core/state/halt-file.js';
import { recordResume, removeHalts } from '../core/state/lift-halt.js';
import { haltScope, whoAmI } from './halt.js';
import { type CommandContext, defineCommand, switchFlag, textFlag } from './runtime/command.js';
import { consent } from './safety/consent.js';
import { booksToReconcile, reconcileBooks } from './safety/reconcile-books.js';

interface ResumeAnswer {
  readonly resumed: boolean;
  readonly resumedAt: string | null;
  readonly scope: HaltScope;
  readonly reason: string;
  readonly removed: readonly HaltLine[];
  /** Live books that were compared with their accounts. */
  readonly reconciled: readonly string[];
  /** What still halts. */
  readonly halts: readonly HaltLine[];
}

/**
 * Lifts a halt: `--scope S` the lines of that scope, without it the whole latch; first each live book that is concerned must
 * agree with its account. When nothing of that scope is halted it says so with exit 0 and asks nothing, because the wanted
 * state is there; `resumed` is false then.
 */
export const command = defineCommand<ResumeAnswer>({
  async run(ctx) {
    const scope = haltScope(textFlag(ctx, 'scope') ?? 'all');
    const reason = requireReason(ctx);
    const { home } = ctx;
    const there = readHalts(home);
    const halts = [...there, ...missing(home)];
    const wanted = scope === 'all' ? halts : halts.filter((halt) => halt.scope === scope);
    const adopt = switchFlag(ctx, 'adopt');
    if (wanted.length === 0 && !adopt) {
      return { data: { resumed: false, resumedAt: null, scope, reason, removed: [], reconciled: [], halts } };
    }
    const books = booksToReconcile(home, scope);
    if (ctx.terminal.interactive) for (const halt of wanted) ctx.terminal.err(`halted: ${describe(halt)}`);
    const accounts = books.map(({ name, arguments: { account } }) => account ?? name);
    await consent(ctx, [...new Set(accounts)], 'Trading may go on after this.');
    const who = whoAmI(ctx.env);
    await reconcileBooks(ctx, books, adopt ? { who, reason } : undefined);
    const resumedAt = new Date(ctx.clock.now()).toISOString();
    const reconciled = books.map(({ name }) => name);
    if (wanted.length > 0) recordResume(home, { time: resumedAt, who, reason, scope, halts: wanted });
    const { kept } = removeHalts(home, scope);
    const still = [...kept, ...missing(home)];
    const data = { resumed: true, resumedAt, scope, reason, removed: wanted, reconciled, halts: still };
    return { data, after: () => told(ctx, scope, `by ${who}: ${reason}`) };
  },
  view(data, terminal) {
    if (data.resumed)
      terminal.out(`RESUMED ${oneLine(data.scope)} at ${data.resumedAt}: ${data.removed.length} halt(s) lifted`);
    else terminal.out(`not halted for ${oneLine(data.scope)}: nothing to lift`);
    if (data.reconciled.length > 0) terminal.out(`agrees with its account: ${oneLine(data.reconciled.join(', '))}`);
    for (const halt of data.halts) terminal.out(`still halted: ${describe(halt)}`);
  },
});

async function told(ctx: CommandContext, scope: HaltScope, text: string): Promise<void> {
  const { tellOnce } = await import('./alerts/tell-once.js');
  await tellOnce(ctx, { kind: 'resume', subject: scope, source: 'resume', text });
}

function requireReason(ctx: CommandContext): string {
  const reason = textFlag(ctx, 'reason')?.trim() ?? '';
  if (reason !== '') return reason;
  const next = 'give --reason TEXT: what was wrong, and why it is safe to trade again';
  throw new FxError('USAGE.MISSING_REASON', { message: 'a resume needs a reason', next, facts: { flag: '--reason' } });
}

/** Halts that a journal knows and that somebody took out of the latch by hand: they hold until a resume stands on record. */
function missing(home: string): readonly HaltLine[] {
  const known = new Map<string, HaltLine>();
  for (const { kind, folder } of bookFacts(home)) {
    if (kind === 'replay') continue;
    try {
      for (const line of readOrderLog(folder).halts) known.set(line.id, line);
    } catch {
      // A journal that cannot be read knows nothing; the reconcile says so.
    }
  }
  return missingHalts(home, [...known.values()]);
}

function describe(halt: HaltLine): string {
  const since = halt.time === '' ? '' : ` since ${oneLine(halt.time)}`;
  return `${oneLine(halt.scope)}${since} by ${oneLine(halt.who)}: ${oneLine(halt.reason)}`;
}
