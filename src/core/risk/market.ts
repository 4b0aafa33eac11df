import { roundTo } from '../base/num.js';
import { DAY_MS } from '../model/calendar/calendar.js';
import type { Side } from '../model/order.js';
import { type Candidate, failure, fits, flaw, notional, type Rule } from './candidate.js';
import type { Failure, InstrumentView, RiskLimits } from './rule.js';

/** Nothing can be opened on a price that nobody knows, nor in money that cannot be counted. Holds in every preset. */
export const knownPrice: Rule = (_limits, { view, intent }) => {
  if (!(view.price > 0 && Number.isFinite(view.price))) {
    return flaw('price.unknown', `${intent.instrument} has no price yet`);
  }
  if (!(view.quoteToAccount > 0 && Number.isFinite(view.quoteToAccount))) {
    return flaw('conversion.unknown', `no rate from ${view.instrument.quote} to the account's currency is known`);
  }
  return undefined;
};

/**
 * Price collar: a limit may lie at most `priceCollarBps` through the touch (the ask for a buy, the bid for a sell), a
 * stop-limit at most that far through its own trigger; half a tick is left for the grid. Where a second source has a
 * price, the two mids may differ by as much at most. A limit on the patient side of the market is never stopped.
 */
export const priceCollar: Rule = (limits, order) => {
  const limit = limits.priceCollarBps;
  if (limit === null) return undefined;
  const { price, secondPrice } = order.view;
  if (secondPrice !== undefined) {
    const apart = (Math.abs(price - secondPrice) / secondPrice) * 10_000;
    if (!fits(apart, limit))
      return failure('priceCollarBps', 'two price sources differ by', apart, limit, 'bps of price');
  }
  return throughTouch(order, { key: 'priceCollarBps', limit });
};

/**
 * Slippage: what a limit concedes through the touch, and for orders without a limit price what the market is expected
 * to take (`InstrumentView.slippageBps`, where known), bps of price.
 */
export const slippage: Rule = (limits, order) => {
  const limit = limits.maxSlippageBps;
  if (limit === null) return undefined;
  if (order.intent.price !== undefined) return throughTouch(order, { key: 'maxSlippageBps', limit });
  const expected = order.view.slippageBps;
  if (expected === undefined || fits(expected, limit)) return undefined;
  return failure('maxSlippageBps', 'expected slippage is', expected, limit, 'bps of price');
};

/** Full spread ÷ mid, bps. */
export const spread: Rule = (limits, { view }) => {
  const limit = limits.maxSpreadBps;
  if (limit === null) return undefined;
  const value = (view.spread / view.price) * 10_000;
  return fits(value, limit) ? undefined : failure('maxSpreadBps', 'spread is', value, limit, 'bps of price');
};

/** Age of the price: the daily limit where bars are a day or longer, else by whether the order names its price. */
export const quoteAge: Rule = (limits, { intent, view }) => {
  const kind = ageKind(intent.price !== undefined, view.timeframeMs);
  const limit = limits.maxQuoteAgeMs[kind];
  if (limit === null || fits(view.quoteAgeMs, limit)) return undefined;
  return failure(`maxQuoteAge.${kind}`, `${intent.instrument} price is`, view.quoteAgeMs / 1000, limit / 1000, 's old');
};

/** Age of the older of the pair's two interest rates, where rates play a part. */
export const rateAge: Rule = (limits, { view }) => {
  const limit = limits.maxRateAgeMs;
  if (limit === null || view.rateAgeMs === undefined || fits(view.rateAgeMs, limit)) return undefined;
  return failure('maxRateAge', 'interest rate is', view.rateAgeMs / DAY_MS, limit / DAY_MS, 'days old');
};

/** Value of one order, account currency: the smaller of the book's and the instrument's own limit. */
export const orderNotional: Rule = (limits, { delta, view }, book) => {
  const limit = Math.min(limits.maxOrderNotional ?? OFF, view.instrument.maxOrderNotional ?? OFF);
  const value = Math.abs(notional(view, delta));
  return fits(value, limit) ? undefined : failure('maxOrderNotional', 'order value is', value, limit, book.currency);
};

/**
 * Limit price of a marketable entry: as far through the touch as both the collar and the slippage limit allow, on the tick
 * grid, rounded to the safe side (a buy down, a sell up) but never short of the touch. Undefined when neither limit is set.
 */
export function entryLimitPrice(limits: RiskLimits, side: Side, view: Touch): number | undefined {
  const bps = Math.min(limits.priceCollarBps ?? OFF, limits.maxSlippageBps ?? OFF);
  if (bps === OFF) return undefined;
  const { tick } = view.instrument;
  const touch = touchOf(side, view);
  const steps = (touch * (side === 'buy' ? 1 + bps / 10_000 : 1 - bps / 10_000)) / tick;
  const atTouch = touch / tick;
  const whole =
    side === 'buy'
      ? Math.max(Math.floor(steps + GRID_SLACK), Math.ceil(atTouch - GRID_SLACK))
      : Math.min(Math.ceil(steps - GRID_SLACK), Math.floor(atTouch + GRID_SLACK));
  return whole <= 0 ? undefined : roundTo(whole * tick, tick);
}

/** What a limit that is off compares as. */
const OFF = Number.POSITIVE_INFINITY;

/** Binary fractions put a price on the grid up to this many ticks beside it. */
const GRID_SLACK = 1e-6;

/** What the price at which one can trade now follows from. */
type Touch = Pick<InstrumentView, 'instrument' | 'price' | 'spread'>;

function touchOf(side: Side, view: Touch): number {
  return side === 'buy' ? view.price + view.spread / 2 : view.price - view.spread / 2;
}

function ageKind(hasPrice: boolean, timeframeMs: number): 'daily' | 'limit' | 'market' {
  if (timeframeMs >= DAY_MS) return 'daily';
  return hasPrice ? 'limit' : 'market';
}

function throughTouch(order: Candidate, rule: { readonly key: string; readonly limit: number }): Failure | undefined {
  const { intent, view } = order;
  if (intent.price === undefined) return undefined;
  const from = intent.stopPrice ?? touchOf(intent.side, view);
  const through = intent.side === 'buy' ? intent.price - from : from - intent.price;
  if (fits(through, (from * rule.limit) / 10_000 + view.instrument.tick / 2)) return undefined;
  return failure(rule.key, 'limit price is', (through / from) * 10_000, rule.limit, 'bps through the market');
}
