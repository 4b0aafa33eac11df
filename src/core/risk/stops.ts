import { roundTo } from '../base/num.js';
import type { OrderIntent } from '../model/order.js';
import { bpsOf, type Candidate, failure, fits, flaw, type Rule } from './candidate.js';
import type { InstrumentView, RiskLimits } from './rule.js';

/** Every entry carries a protective stop, fixed or trailing. */
export const stopPresent: Rule = (limits, { intent }) => {
  if (!limits.requireStop || intent.stopLoss !== undefined || intent.trailStop !== undefined) return undefined;
  return flaw('stop.missing', `${intent.instrument} entry has no protective stop, one is required`);
};

/** A protective stop lies on the losing side of the price it protects, a target on the winning side. */
export const stopSide: Rule = (_limits, order) => {
  const { side, stopLoss, takeProfit } = order.intent;
  const price = entryPrice(order);
  const sign = side === 'buy' ? 1 : -1;
  if (stopLoss !== undefined && sign * (price - stopLoss) <= 0) {
    return flaw('stop.side', `stop ${stopLoss} is on the wrong side of the ${side} at ${price}`, stopLoss);
  }
  if (takeProfit !== undefined && sign * (takeProfit - price) <= 0) {
    return flaw('stop.side', `target ${takeProfit} is on the wrong side of the ${side} at ${price}`, takeProfit);
  }
  return undefined;
};

/**
 * Loss at the protective stop: units × distance from the entry price × quote-to-account rate, bps of equity. The entry
 * price is the better of limit and mid, because a limit through the market fills at the market. Orders without a stop are
 * `stopPresent`'s affair.
 */
export const tradeRisk: Rule = (limits, order, book) => {
  const limit = limits.perTradeRiskBps;
  const distance = stopDistance(order);
  if (limit === null || distance === undefined) return undefined;
  const risk = bpsOf(order.intent.units * distance * order.view.quoteToAccount, book.equity);
  if (fits(risk, limit)) return undefined;
  return failure('perTradeRiskBps', 'loss at the stop would be', risk, limit, 'bps of equity');
};

/**
 * The protective stop that an intent still needs: `defaultStopBps` of `price` away, on the tick grid and rounded toward the
 * price, so that the loss is never larger than asked for. Undefined when it is reduce-only, has a stop, when no stop is
 * required, or when the grid has no price between zero and the entry: the gate then refuses it as `stop.missing`.
 */
export function neededStop(limits: RiskLimits, intent: OrderIntent, price: number, tick: number): number | undefined {
  const bps = limits.defaultStopBps;
  if (!limits.requireStop || bps === null || intent.reduceOnly) return undefined;
  if (intent.stopLoss !== undefined || intent.trailStop !== undefined) return undefined;
  const buy = intent.side === 'buy';
  const steps = (price * (buy ? 1 - bps / 10_000 : 1 + bps / 10_000)) / tick;
  const atPrice = price / tick;
  const whole = buy
    ? Math.min(Math.ceil(steps - SLACK), Math.ceil(atPrice - SLACK) - 1)
    : Math.max(Math.floor(steps + SLACK), Math.floor(atPrice + SLACK) + 1);
  return whole > 0 ? roundTo(whole * tick, tick) : undefined;
}

/** The intent with the protective stop that it still needs; itself where it needs none. */
export function attachStop(limits: RiskLimits, intent: OrderIntent, price: number, tick: number): OrderIntent {
  const stopLoss = neededStop(limits, intent, price, tick);
  return stopLoss === undefined ? intent : { ...intent, stopLoss };
}

/** A millionth of a step more or less is rounding noise, not another price. */
const SLACK = 1e-6;

/** Where the order is expected to fill: the mid, or its own price where that is better for it or not reached yet. */
function entryPrice({ intent, view }: Candidate): number {
  return intent.stopPrice ?? limitOrMid(intent, view);
}

function limitOrMid({ price, side }: OrderIntent, view: InstrumentView): number {
  if (price === undefined) return view.price;
  return side === 'buy' ? Math.min(price, view.price) : Math.max(price, view.price);
}

function stopDistance(order: Candidate): number | undefined {
  const { stopLoss, trailStop } = order.intent;
  return stopLoss === undefined ? trailStop : Math.abs(entryPrice(order) - stopLoss);
}

/** True when `value` is a whole number of `step`s, within what binary fractions allow. */
export function onGrid(value: number, step: number): boolean {
  const steps = value / step;
  return Math.abs(steps - Math.round(steps)) <= SLACK * Math.max(1, Math.abs(steps) * 1e-6);
}
