import { roundTo } from '../../core/base/num.js';
import { type Side, signOf } from '../../core/model/order.js';
import type { Corners } from './sim-bar.js';
import type { WorkingOrder } from './working-order.js';

/** Where an order fills. `taking` orders cross the spread and slip; a resting limit does neither. */
export interface Match {
  readonly price: number;
  readonly taking: boolean;
  /** It is the bar's close, whose spread may differ from the open's. */
  readonly atClose?: boolean;
}

/**
 * What happens at one price: the open of a bar, or the close where a decision is filled at its own close.
 * A gap fills at the gap: stops worse than asked, limits better.
 */
export function matchAt(order: WorkingOrder, price: number): Match | undefined {
  const { intent } = order;
  const buy = intent.side === 'buy';
  switch (intent.type) {
    case 'market':
      return { price, taking: true };
    case 'limit':
      return reaches(!buy, price, intent.price ?? Number.NaN) ? { price, taking: true } : undefined;
    case 'stop':
    case 'trailing-stop':
      if (!order.triggered && !reaches(buy, price, order.stop)) return undefined;
      order.triggered = true;
      return { price, taking: true };
    case 'stop-limit': {
      if (!order.triggered && !reaches(buy, price, order.stop)) return undefined;
      order.triggered = true;
      return reaches(!buy, price, intent.price ?? Number.NaN) ? { price, taking: true } : undefined;
    }
  }
}

/** What happens between the open and the close, for an order that the open did not fill. */
export function matchInside(order: WorkingOrder, bar: Corners): Match | undefined {
  const { intent } = order;
  const buy = intent.side === 'buy';
  switch (intent.type) {
    case 'market':
      return undefined;
    case 'limit':
      return restingLimit(order, bar, buy);
    case 'stop':
    case 'trailing-stop':
      // What the open left of a triggered stop is a market order: its level is no price that the market must trade again.
      if (order.triggered || !triggers(order, bar, buy)) return undefined;
      order.triggered = true;
      return { price: order.stop, taking: true };
    case 'stop-limit': {
      if (order.triggered) return restingLimit(order, bar, buy);
      if (!triggers(order, bar, buy)) return undefined;
      order.triggered = true;
      const within = reaches(!buy, order.stop, intent.price ?? Number.NaN);
      return within ? { price: order.stop, taking: true } : undefined;
    }
  }
}

function triggers(order: WorkingOrder, bar: Corners, buy: boolean): boolean {
  return reaches(buy, buy ? bar.high : bar.low, order.stop);
}

/**
 * The stop of a trailing order after `bar`: `trailDistance` from the best price, never back. A sell stop is rounded down to
 * the grid and a buy stop up: prices on the grid then reach it just when they reach the distance itself, and it fills no
 * better than there.
 */
export function trail(order: WorkingOrder, bar: Corners, tick: number): number {
  const { side, trailDistance = Number.NaN } = order.intent;
  const sell = side === 'sell';
  const wanted = sell ? bar.high - trailDistance : bar.low + trailDistance;
  if (!(sell ? wanted > order.stop : wanted < order.stop)) return order.stop;
  const onGrid = awayFromTrader(wanted, side, tick);
  return sell ? Math.max(order.stop, onGrid) : Math.min(order.stop, onGrid);
}

/** The nearest price on the grid that is not better for the trader: up for a buy, down for a sell. */
export function awayFromTrader(price: number, side: Side, tick: number): number {
  const nearest = roundTo(price, tick);
  const better = side === 'buy' ? nearest < price - tick * 1e-6 : nearest > price + tick * 1e-6;
  return better ? roundTo(nearest + signOf(side) * tick, tick) : nearest;
}

function restingLimit(order: WorkingOrder, bar: Corners, buy: boolean): Match | undefined {
  const price = order.intent.price ?? Number.NaN;
  return reaches(!buy, buy ? bar.low : bar.high, price) ? { price, taking: false } : undefined;
}

/** True when `price` is at or beyond `level`, upward or downward. */
function reaches(upward: boolean, price: number, level: number): boolean {
  return upward ? price >= level : price <= level;
}
