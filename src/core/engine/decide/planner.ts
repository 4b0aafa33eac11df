import { floorTo, roundTo } from '../../base/num.js';
import type { Instrument } from '../../model/instrument.js';
import type { DecisionInputs, OrderIntent, Side } from '../../model/order.js';
import { signOf } from '../../model/order.js';
import { entryLimitPrice } from '../../risk/market.js';
import type { RiskLimits } from '../../risk/rule.js';
import { attachStop, neededStop } from '../../risk/stops.js';
import { type Cut, cutToLimits } from '../../sizing/cut.js';
import { sizeSignal, type TradeStats } from '../../sizing/sizer.js';
import type { SizingSettings } from '../../sizing/sizing.js';
import type { OrderWish, Signal, Target } from '../../strategies/strategy.js';

/** What one wish is planned against. Amounts in account currency. */
export interface PlanContext {
  readonly instrument: Instrument;
  readonly limits: RiskLimits;
  readonly sizing: SizingSettings;
  readonly equity: number;
  /** 1, or less while a drawdown halves exposure. */
  readonly exposureFactor: number;
  /** Mid. */
  readonly price: number;
  readonly spread: number;
  readonly quoteToAccount: number;
  readonly held: number;
  /** Mean price of the held units. */
  readonly averagePrice: number;
  /** Account currency. */
  readonly currency: string;
  /** Signed units of working entries. */
  readonly pending: number;
  readonly instrumentCount: number;
  readonly dailyVolatility: number | undefined;
  readonly atr: number | undefined;
  readonly tradeStats: TradeStats | undefined;
  /** A market order that closes the position is on its way. */
  readonly exiting: boolean;
}

/** What a wish becomes: orders (exits first), and how the size came about. */
export interface Plan {
  readonly intents: readonly OrderIntent[];
  readonly cancelEntries: boolean;
  readonly sizing: DecisionInputs | undefined;
}

const NOTHING: Plan = { intents: [], cancelEntries: false, sizing: undefined };
const NO_BRACKET: Partial<Signal> = {};

/** Moves the position to a signed share of equity; what is working already counts as filled. */
export function planTarget(wish: Target, ctx: PlanContext): Plan {
  const { equity, price, quoteToAccount } = ctx;
  const asked = (wish.weight * ctx.exposureFactor * equity) / (price * quoteToAccount);
  const cut = cutUnits(asked, stopDistance(ctx, undefined), ctx);
  // The position's own units may come out above the cut again when the quote currency fell: cut them too.
  const restruck = restrike(cut.units, ctx);
  const units = restruck === cut.units ? restruck : cutUnits(restruck, stopDistance(ctx, undefined), ctx).units;
  const sizing = { askedUnits: asked, units, cutBy: cut.cutBy ?? null };
  return moveTo(units, wish, ctx, NO_BRACKET, sizing);
}

/**
 * Units that give the exposure which `wanted` units opened now would have.
 *
 * Where the base is the account's own currency (USD/JPY of a USD account), what is at risk is the foreign amount that was
 * struck with the position, units × average price: worth units × average ÷ price of today. A target of a third of equity
 * means that amount; without this, profit that is still open in yen would count as if it had been changed into dollars.
 */
function restrike(wanted: number, ctx: PlanContext): number {
  const { held, averagePrice, price, instrument } = ctx;
  const same = wanted !== 0 && Math.sign(wanted) === Math.sign(held);
  if (instrument.base !== ctx.currency || !same) return wanted;
  const exposure = (Math.abs(held) * averagePrice) / price;
  const more = Math.abs(wanted) - exposure;
  const units = more >= 0 ? Math.abs(held) + more : Math.abs(held) + (more * price) / averagePrice;
  return Math.sign(held) * floorTo(Math.max(0, units), instrument.lotStep);
}

function cutUnits(units: number, distance: number | undefined, ctx: PlanContext): Cut {
  const { instrument, limits, equity, price, quoteToAccount } = ctx;
  return cutToLimits({
    units,
    price,
    quoteToAccount,
    equity,
    stopDistance: distance,
    perTradeRiskBps: limits.perTradeRiskBps,
    maxPositionBps: limits.maxPositionBps,
    lotStep: instrument.lotStep,
    minUnits: instrument.minUnits,
  });
}

/** Opens, keeps or closes a position of the size that `sizing.method` gives. A position on the right side stays as it is. */
export function planSignal(wish: Signal, ctx: PlanContext): Plan {
  const side = Math.sign(wish.exposure);
  const standing = ctx.held + ctx.pending;
  if (side === 0) return moveTo(0, wish, ctx, NO_BRACKET, undefined);
  if (Math.sign(standing) === side && (ctx.pending === 0 || Math.sign(ctx.pending) === side)) return NOTHING;
  const { instrument, equity, price, quoteToAccount } = ctx;
  const distance = stopDistance(ctx, wish);
  const sized = sizeSignal(ctx.sizing, {
    instrument,
    exposure: wish.exposure * ctx.exposureFactor,
    equity,
    price,
    quoteToAccount,
    stopDistance: distance,
    atr: ctx.atr,
    dailyVolatility: ctx.dailyVolatility,
    instrumentCount: ctx.instrumentCount,
    tradeStats: ctx.tradeStats,
  });
  const cut = cutUnits(sized.units, distance, ctx);
  const sizing: Record<string, number | string | boolean | null> = sized.inputs;
  sizing['askedUnits'] = sized.units;
  sizing['units'] = cut.units;
  sizing['cutBy'] = cut.cutBy ?? null;
  sizing['zeroBecause'] = sized.reason ?? cut.reason ?? null;
  return moveTo(cut.units, wish, ctx, wish, sizing);
}

/** An order in so many words; only what the strategy left open is filled in. */
export function planOrder(wish: OrderWish, ctx: PlanContext): Plan {
  const { kind: _, ...given } = wish;
  const reduceOnly = given.reduceOnly ?? false;
  const intent: OrderIntent = {
    ...given,
    type: given.type ?? 'market',
    timeInForce: given.timeInForce ?? (given.expiresAt === undefined ? 'GTC' : 'GTD'),
    reduceOnly,
  };
  return {
    intents: [reduceOnly ? intent : attachStop(ctx.limits, intent, ctx.price, ctx.instrument.tick)],
    cancelEntries: false,
    sizing: undefined,
  };
}

/** From where the position is to `wanted` units: an exit for what must go, an entry for what must come. */
function moveTo(
  wanted: number,
  wish: Target | Signal,
  ctx: PlanContext,
  bracket: Partial<Signal>,
  sizing: DecisionInputs | undefined,
): Plan {
  const { held, pending } = ctx;
  const intents: OrderIntent[] = [];
  const against = pending !== 0 && Math.sign(wanted - held) !== Math.sign(pending);
  const keeps = wanted !== 0 && Math.sign(wanted) === Math.sign(held) ? Math.min(Math.abs(wanted), Math.abs(held)) : 0;
  const leaving = floorTo(Math.abs(held) - keeps, ctx.instrument.lotStep);
  if (leaving > 0 && !ctx.exiting) intents.push(exit(wish, ctx, leaving));
  const coming = floorTo(Math.abs(wanted) - keeps - (against ? 0 : Math.abs(pending)), ctx.instrument.lotStep);
  if (wanted !== 0 && coming >= ctx.instrument.minUnits && coming > 0) {
    intents.push(entry(wish, ctx, wanted > 0 ? 'buy' : 'sell', coming, bracket));
  }
  return { intents, cancelEntries: against, sizing };
}

function exit(wish: Target | Signal, ctx: PlanContext, units: number): OrderIntent {
  const intent: Mutable<OrderIntent> = {
    instrument: ctx.instrument.id,
    side: ctx.held > 0 ? 'sell' : 'buy',
    units,
    type: 'market',
    timeInForce: 'GTC',
    reduceOnly: true,
    reason: wish.reason,
  };
  if (wish.inputs !== undefined) intent.inputs = wish.inputs;
  return intent;
}

function entry(
  wish: Target | Signal,
  ctx: PlanContext,
  side: Side,
  units: number,
  bracket: Partial<Signal>,
): OrderIntent {
  const { instrument, limits } = ctx;
  const worst = limits.useLimitOrders ? entryLimitPrice(limits, side, ctx) : undefined;
  const intent: Mutable<OrderIntent> = {
    instrument: instrument.id,
    side,
    units,
    type: worst === undefined ? 'market' : 'limit',
    timeInForce: 'GTC',
    reduceOnly: false,
    reason: wish.reason,
  };
  if (worst !== undefined) intent.price = worst;
  if (bracket.stop !== undefined) intent.stopLoss = roundTo(bracket.stop, instrument.tick);
  if (bracket.takeProfit !== undefined) intent.takeProfit = roundTo(bracket.takeProfit, instrument.tick);
  if (bracket.trailStop !== undefined) {
    intent.trailStop = bracket.trailStop;
    intent.stopLoss = trailStart(bracket, ctx, side, bracket.trailStop);
  }
  if (wish.inputs !== undefined) intent.inputs = wish.inputs;
  const stop = neededStop(limits, intent, ctx.price, instrument.tick);
  if (stop !== undefined) intent.stopLoss = stop;
  return intent;
}

/** Filled in step by step: objects of few shapes, which is what makes a decision cheap. */
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A trailing protective stop starts its distance away from the price when the signal names no level. */
function trailStart(bracket: Partial<Signal>, ctx: PlanContext, side: Side, distance: number): number {
  const start = bracket.stop ?? ctx.price - signOf(side) * distance;
  return roundTo(start, ctx.instrument.tick);
}

/** From the price to where the position would be stopped: the wish's own stop, else the default one, else unknown. */
function stopDistance(ctx: PlanContext, wish: Signal | undefined): number | undefined {
  if (wish?.stop !== undefined) return Math.abs(ctx.price - wish.stop);
  if (wish?.trailStop !== undefined) return wish.trailStop;
  const { requireStop, defaultStopBps } = ctx.limits;
  return requireStop && defaultStopBps !== null ? (ctx.price * defaultStopBps) / 10_000 : undefined;
}
