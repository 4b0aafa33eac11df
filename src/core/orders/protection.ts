import { floorTo, roundTo } from '../base/num.js';
import type { InstrumentId } from '../model/ids.js';
import type { Instrument } from '../model/instrument.js';
import type { OrderIntent } from '../model/order.js';
import type { VenueOrder } from '../ports/venue.js';

/** Something held for which too little protection works at the venue. */
export interface Unprotected {
  readonly instrument: InstrumentId;
  /** Signed units held. */
  readonly held: number;
  /** Units that no stop covers, positive. */
  readonly open: number;
}

const STOPS: ReadonlySet<VenueOrder['type']> = new Set(['stop', 'stop-limit', 'trailing-stop']);

/**
 * What is held without a stop at the venue. Our process may die, the machine may lose its line: only a stop that works over
 * there protects. An order whose size the venue does not say follows its position, and covers it.
 */
export function unprotected(
  positions: ReadonlyMap<InstrumentId, number>,
  orders: readonly VenueOrder[],
): readonly Unprotected[] {
  const found: Unprotected[] = [];
  for (const [instrument, held] of positions) {
    if (held === 0) continue;
    const stops = orders.filter(
      (order) => order.instrument === instrument && order.reduceOnly && STOPS.has(order.type),
    );
    const against = stops.filter(({ side }) => side === undefined || (side === 'sell') === held > 0);
    const covered = against.reduce((sum, { units }) => sum + (units ?? Number.POSITIVE_INFINITY), 0);
    if (covered < Math.abs(held)) found.push({ instrument, held, open: Math.abs(held) - covered });
  }
  return found;
}

/** Prices of the moment, quote per base. */
export interface StopPrices {
  readonly bid: number;
  readonly ask: number;
  readonly averagePrice: number;
}

/**
 * The order that protects it: a stop `stopBps` of the price away from the mean entry, on the tick grid and never further; where
 * the market is past that already, a market order out. Reduce-only, so that it can never open anything.
 */
export function protectiveOrder(
  { instrument, held, open }: Unprotected,
  { tick, lotStep }: Pick<Instrument, 'tick' | 'lotStep'>,
  { bid, ask, averagePrice }: StopPrices,
  stopBps: number,
): OrderIntent {
  const isLong = held > 0;
  const raw = averagePrice * (1 + ((isLong ? -1 : 1) * stopBps) / 10_000);
  const below = floorTo(raw, tick);
  const stopPrice = isLong && raw - below > 1e-6 * tick ? roundTo(below + tick, tick) : below;
  const shared = {
    instrument,
    side: isLong ? ('sell' as const) : ('buy' as const),
    units: floorTo(open, lotStep),
    reduceOnly: true,
  };
  const isPast = isLong ? bid <= stopPrice : ask >= stopPrice;
  if (isPast) {
    const reason = 'unprotected, and the market is past where its stop would be';
    return { ...shared, type: 'market', timeInForce: 'FOK', reason };
  }
  return { ...shared, type: 'stop', stopPrice, timeInForce: 'GTC', reason: 'a stop where there was none' };
}

/** Our stops and targets of nothing: they would only wait to be refused. */
export function leftOver(
  positions: ReadonlyMap<InstrumentId, number>,
  orders: readonly VenueOrder[],
  isOurs: (order: VenueOrder) => boolean,
): readonly VenueOrder[] {
  return orders.filter((order) => order.reduceOnly && isOurs(order) && (positions.get(order.instrument) ?? 0) === 0);
}
