import { bpsOf, type Candidate, exceeds, failure, fits, notional, type Rule } from './candidate.js';
import { accountSide } from './concentration.js';
import type { BookView, Failure } from './rule.js';

/** One position's value: |units| × price, bps of equity. */
export const position: Rule = (limits, order, book) => {
  const limit = limits.maxPositionBps;
  if (limit === null) return undefined;
  const after = bpsOf(Math.abs(notional(order.view, order.after)), book.equity);
  const before = bpsOf(Math.abs(notional(order.view, order.before)), book.equity);
  if (!exceeds(limit, before, after)) return undefined;
  return failure('maxPositionBps', `${order.intent.instrument} position would be`, after, limit, 'bps of equity');
};

/** Gross leverage: sum of the absolute values of all positions ÷ equity. */
export const grossLeverage: Rule = (limits, order, book) => {
  const limit = limits.maxGrossLeverage;
  if (limit === null) return undefined;
  return leverage({ key: 'maxGrossLeverage', what: 'gross exposure would be', limit }, book, (side) =>
    gross(order, side),
  );
};

/**
 * Net leverage: |sum of the signed values of all positions against the account's currency| ÷ equity. A long USD/JPY in a
 * dollar account is short yen and counts negative; a cross counts 0, its two currencies cancel.
 */
export const netLeverage: Rule = (limits, order, book) => {
  const limit = limits.maxNetLeverage;
  if (limit === null) return undefined;
  return leverage({ key: 'maxNetLeverage', what: 'net exposure would be', limit }, book, (side) => {
    let sum = 0;
    for (const row of order.rows) {
      sum += notional(row.view, row[side]) * accountSide(row.view.instrument, book.currency);
    }
    return Math.abs(sum);
  });
};

/** How many instruments the book would hold. */
export const openPositions: Rule = (limits, order) => {
  const limit = limits.maxOpenPositions;
  if (limit === null || !order.opens) return undefined;
  const open = order.rows.length;
  if (fits(open, limit)) return undefined;
  return failure('maxOpenPositions', 'open positions would be', open, limit, 'positions');
};

/** How many positions were opened since 17:00 New York, those about to be included. A flip opens one. */
export const newPositions: Rule = (limits, order, book) => {
  const limit = limits.maxNewPositionsPerDay;
  if (limit === null || !order.opens) return undefined;
  const opened = book.newPositionsToday + order.opening + 1;
  if (fits(opened, limit)) return undefined;
  return failure('maxNewPositionsPerDay', 'positions opened today would be', opened, limit, 'positions');
};

/** Cash reserve: (equity − margin used) ÷ equity after the order and all orders in flight, bps; the limit is a minimum. */
export const cashReserve: Rule = (limits, order, book) => {
  const limit = limits.minCashReserveBps;
  if (limit === null) return undefined;
  const after = bpsOf(marginAfter(order, book, 'after'), book.equity);
  const before = bpsOf(marginAfter(order, book, 'before'), book.equity);
  if (!exceeds(10_000 - limit, before, after)) return undefined;
  const left = 10_000 - after;
  const shown = Number.isFinite(left) ? `${Math.floor(left)} bps of equity` : 'unknown';
  const message = `cash reserve would be ${shown}, at least ${limit} bps must stay`;
  const value = Number.isFinite(left) ? left : null;
  return { limit: 'minCashReserveBps', value, max: limit, unit: 'bps of equity', message };
};

type When = 'before' | 'after';

function gross(order: Candidate, when: When): number {
  let sum = 0;
  for (const row of order.rows) sum += Math.abs(notional(row.view, row[when]));
  return sum;
}

function leverage(
  rule: { readonly key: string; readonly what: string; readonly limit: number },
  book: BookView,
  amount: (when: When) => number,
): Failure | undefined {
  const after = bpsOf(amount('after'), book.equity) / 10_000;
  if (fits(after, rule.limit)) return undefined;
  const before = bpsOf(amount('before'), book.equity) / 10_000;
  return fits(after, before) ? undefined : failure(rule.key, rule.what, after, rule.limit, 'times equity');
}

/** The venue's own figure for what is held, plus our estimate for what is not filled yet. */
function marginAfter(order: Candidate, book: BookView, when: When): number {
  let margin = book.marginUsed;
  for (const { view, [when]: units } of order.rows) {
    margin += notional(view, Math.abs(units) - Math.abs(view.units)) * view.instrument.marginRate;
  }
  return margin;
}
