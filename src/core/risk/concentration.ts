import type { Instrument } from '../model/instrument.js';
import { bpsOf, type Candidate, exceeds, failure, fits, notional, type Rule } from './candidate.js';
import type { BookView, Failure } from './rule.js';

/** Coins that are meant to be a dollar: a book in dollars has no currency risk from being paid in them that a limit could see. */
const DOLLAR_COINS = new Set(['USDT', 'USDC', 'FDUSD', 'TUSD', 'BUSD', 'DAI']);

/**
 * Net exposure of each currency, bps of equity, after netting pairs into currencies: long 100,000 EUR/USD is long euros
 * and short dollars of that value. The account's own currency is no risk and is left out; stocks have no currency leg.
 */
export const currencyNet: Rule = (limits, order, book) => {
  const limit = limits.maxCurrencyNetBps;
  if (limit === null || !hasCurrencies(order.view.instrument)) return undefined;
  const after = netByCurrency(order, book, 'after');
  const before = netByCurrency(order, book, 'before');
  let worst: Failure | undefined;
  for (const currency of legs(order.view.instrument)) {
    const value = bpsOf(Math.abs(after.get(currency) ?? 0), book.equity);
    const was = bpsOf(Math.abs(before.get(currency) ?? 0), book.equity);
    if (currency === book.currency || !exceeds(limit, was, value) || value <= (worst?.value ?? 0)) continue;
    worst = failure('maxCurrencyNetBps', `net ${currency} would be`, value, limit, 'bps of equity');
  }
  return worst;
};

/** Sum of the absolute values of one sector's positions, bps of equity. Gross, because a hedge inside a sector can break. */
export const sector: Rule = (limits, order, book) =>
  cluster({ key: 'maxSectorBps', limit: limits.maxSectorBps, of: (instrument) => instrument.sector }, order, book);

/** Sum of the absolute values of one group's positions, bps of equity. Gross, so that it does not matter which way a pair is quoted. */
export const correlatedGroup: Rule = (limits, order, book) =>
  cluster(
    { key: 'maxCorrelatedGroupBps', limit: limits.maxCorrelatedGroupBps, of: (instrument) => instrument.group },
    order,
    book,
  );

/** Carry books: how many currencies other than the account's are held on one side, long or short. */
export const perSide: Rule = (limits, order, book) => {
  const limit = limits.maxPerSide;
  if (limit === null || !book.carryBook) return undefined;
  const after = sides(order, book, 'after');
  const before = sides(order, book, 'before');
  for (const side of ['long', 'short'] as const) {
    if (fits(after[side], limit) || fits(after[side], before[side])) continue;
    return failure('maxPerSide', `currencies held ${side} would be`, after[side], limit, 'currencies');
  }
  return undefined;
};

/**
 * How one unit of an instrument's signed value counts against the account's currency: +1 when what is held is foreign and
 * paid in the account's currency, −1 the other way round (USD/JPY in dollars), 0 for a cross.
 */
export function accountSide(instrument: Instrument, currency: string): -1 | 0 | 1 {
  if (instrument.assetClass !== 'fx' || instrument.quote === currency) return 1;
  return instrument.base === currency ? -1 : 0;
}

type When = 'before' | 'after';

interface Cluster {
  readonly key: string;
  readonly limit: number | null;
  readonly of: (instrument: Instrument) => string | undefined;
}

function cluster(rule: Cluster, order: Candidate, book: BookView): Failure | undefined {
  const name = rule.of(order.view.instrument);
  if (rule.limit === null || name === undefined) return undefined;
  let before = 0;
  let after = 0;
  for (const row of order.rows) {
    if (rule.of(row.view.instrument) !== name) continue;
    before += Math.abs(notional(row.view, row.before));
    after += Math.abs(notional(row.view, row.after));
  }
  const value = bpsOf(after, book.equity);
  if (!exceeds(rule.limit, bpsOf(before, book.equity), value)) return undefined;
  return failure(rule.key, `${name} would be`, value, rule.limit, 'bps of equity');
}

function hasCurrencies(instrument: Instrument): boolean {
  return instrument.assetClass === 'fx' || instrument.assetClass === 'crypto';
}

function legs(instrument: Instrument): readonly [string, string] {
  return [instrument.base, DOLLAR_COINS.has(instrument.quote) ? 'USD' : instrument.quote];
}

function netByCurrency(order: Candidate, book: BookView, when: When): ReadonlyMap<string, number> {
  const net = new Map<string, number>();
  for (const row of order.rows) {
    if (!hasCurrencies(row.view.instrument)) continue;
    const value = notional(row.view, row[when]);
    const [base, quote] = legs(row.view.instrument);
    net.set(base, (net.get(base) ?? 0) + value);
    net.set(quote, (net.get(quote) ?? 0) - value);
  }
  net.delete(book.currency);
  return net;
}

function sides(order: Candidate, book: BookView, when: When): { readonly long: number; readonly short: number } {
  let long = 0;
  let short = 0;
  for (const value of netByCurrency(order, book, when).values()) {
    // What netting leaves over by rounding is not a currency that is held.
    if (fits(Math.abs(value), book.equity * 1e-9)) continue;
    if (value > 0) long++;
    else short++;
  }
  return { long, short };
}
