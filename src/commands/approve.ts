import { needsAmount } from '../core/approvals/request.js';
import { FxError } from '../core/base/errors.js';
import { oneLine } from '../core/base/text.js';
import { type Answered, answer, requireOpen } from './approvals/answer.js';
import { type Asked, findAsked, isWaiting, oneAsked, type Untrusted } from './approvals/waiting.js';
import { whoAmI } from './halt.js';
import { type CommandContext, defineCommand, numberFlag, switchFlag, textFlag } from './runtime/command.js';
import type { WaitingOrder } from './ui/approval-view.js';

interface ApproveAnswer {
  /** What still waits. */
  readonly orders: readonly WaitingOrder[];
  /** Questions whose files are not as they were written. */
  readonly notTrusted: readonly Untrusted[];
  /** What was answered just now. */
  readonly answered: readonly Answered[];
}

/**
 * Shows the orders that wait for a person, and takes one answer at a time. It only leaves the answer in the book's inbox: the
 * session, which alone writes the journal, takes it in, looks at price and limits again, and sends.
 */
export const command = defineCommand<ApproveAnswer>({
  async run(ctx) {
    const [id] = ctx.args;
    const outcome = switchFlag(ctx, 'accept') ? 'accepted' : switchFlag(ctx, 'reject') ? 'rejected' : undefined;
    if (outcome !== undefined) return { data: still(ctx, [byFlag(ctx, id, outcome)]) };
    if (switchFlag(ctx, 'list')) return { data: still(ctx, []) };
    requirePerson(ctx, id);
    return { data: still(ctx, await asked(ctx, id)) };
  },
  async view(data, terminal, ctx) {
    const { drawAnswered, drawWaiting } = await import('./ui/approval-view.js');
    for (const { book, id, why } of data.notTrusted) {
      terminal.err(`not trusted: the question about ${oneLine(id)} in ${book}: ${oneLine(why)}`);
    }
    for (const one of data.answered) drawAnswered(one, terminal);
    drawWaiting(data.orders, ctx.clock.now(), terminal);
  },
});

function still(ctx: CommandContext, answered: readonly Answered[]): ApproveAnswer {
  const [id] = ctx.args;
  const found = findAsked(ctx.home, textFlag(ctx, 'book'));
  const wanted = switchFlag(ctx, 'list') && id !== undefined ? id : undefined;
  const waiting = found.asked.filter(
    (one) => isWaiting(one, ctx.clock.now()) && (wanted === undefined || one.request.id === wanted),
  );
  return { orders: waiting.map(rowOf), notTrusted: found.untrusted, answered };
}

function byFlag(ctx: CommandContext, id: string | undefined, outcome: 'accepted' | 'rejected'): Answered {
  if (id === undefined) {
    throw new FxError('USAGE.MISSING_ID', {
      message: 'one order is answered at a time, and none was named',
      next: 'see what waits with fxtrade approve --list, then: fxtrade approve ID --accept',
      facts: { argument: 'id' },
    });
  }
  const one = oneAsked(findAsked(ctx.home, textFlag(ctx, 'book')), id, ctx.clock.now());
  const reason = textFlag(ctx, 'reason')?.trim() ?? '';
  const said = { outcome, who: whoAmI(ctx.env), reason, amount: numberFlag(ctx, 'amount') };
  return answer(ctx.home, one, said, () => ctx.clock.now());
}

/** Without a person there is nobody to ask: the flags that answer are named. */
function requirePerson(ctx: CommandContext, id: string | undefined): void {
  if (ctx.terminal.interactive && !ctx.json) return;
  throw new FxError('USAGE.NO_TERMINAL', {
    message: 'there is no terminal to ask in',
    next:
      id === undefined
        ? 'use --list to see what waits, then: fxtrade approve ID --accept or --reject'
        : `say what you decide: fxtrade approve ${id} --accept or --reject`,
    facts: { flag: id === undefined ? '--list' : '--accept' },
  });
}

/** One order after the other, until none waits or the person leaves. */
async function asked(ctx: CommandContext, id: string | undefined): Promise<readonly Answered[]> {
  const { askAbout, chooseOrder } = await import('./approvals/ask-person.js');
  const person = { terminal: ctx.terminal, signal: ctx.signal, clock: ctx.clock };
  const answered: Answered[] = [];
  for (;;) {
    const found = findAsked(ctx.home, textFlag(ctx, 'book'));
    const open = found.asked.filter((one) => isWaiting(one, ctx.clock.now()));
    const one = id === undefined ? await chooseOrder(person, open, rowOf) : oneAsked(found, id, ctx.clock.now());
    if (one === undefined) return answered;
    requireOpen(one, ctx.clock.now());
    const said = await askAbout(person, one, rowOf(one));
    if (said !== undefined) {
      const reason = textFlag(ctx, 'reason')?.trim() || said.reason;
      answered.push(answer(ctx.home, one, { ...said, reason, who: whoAmI(ctx.env) }, () => ctx.clock.now()));
    }
    if (id !== undefined) return answered;
  }
}

function rowOf({ request, book, driftBps }: Asked): WaitingOrder {
  const { id, hash, instrument, side, units, price, stopPrice, worstLoss, expiresAt, askedAt, intent } = request;
  return {
    id,
    hash,
    instrument,
    side,
    units,
    price,
    stopPrice,
    worstLoss,
    expiresAt: new Date(expiresAt).toISOString(),
    book: book.name,
    account: request.account,
    type: intent.type,
    takeProfit: intent.takeProfit ?? null,
    currency: request.currency,
    notional: request.notional,
    usualUnits: request.usualUnits,
    multiple: request.multiple,
    needsAmount: needsAmount(request),
    financingPerDay: request.financingPerDay,
    marginBefore: request.marginBefore,
    marginAfter: request.marginAfter,
    limits: request.limits,
    driftBps,
    bandBps: request.bandBps,
    reason: intent.reason,
    askedAt: new Date(askedAt).toISOString(),
  };
}
