import type { OrderIntent } from '../model/order.js';
import { type Candidate, failure, fits, flaw, type Rule } from './candidate.js';
import type { BookView, Failure, InstrumentView, RiskLimits } from './rule.js';
import { onGrid } from './stops.js';

/** Orders sent in the last minute, retries and earlier ones of the batch included. */
export const orderRate: Rule = (limits, order, book) => {
  const limit = limits.maxOrdersPerMinute;
  if (limit === null) return undefined;
  const rate = book.ordersLastMinute + order.earlier.length + 1;
  return fits(rate, limit)
    ? undefined
    : failure('maxOrdersPerMinute', 'orders this minute would be', rate, limit, 'orders');
};

/** The same order again within `duplicateWindow`, or twice in one batch. Stops exits too: a doubled exit opens a position. */
export function duplicate(limits: RiskLimits, order: Candidate, book: BookView): Failure | undefined {
  if (limits.duplicateWindowMs === 0) return undefined;
  const { intent } = order;
  const again = (other: OrderIntent): boolean => sameOrder(intent, other);
  if (!book.recentIntents.some(again) && !order.earlier.some(again)) return undefined;
  const seconds = limits.duplicateWindowMs / 1000;
  const message = `the same ${intent.side} of ${intent.units} ${intent.instrument} was sent less than ${seconds} s ago`;
  return { limit: 'duplicateWindow', value: intent.units, max: seconds, unit: 's', message };
}

/**
 * What is wrong with an intent as a form: not finite, not positive, off the lot or tick grid, a price that its type lacks
 * or must not have. Holds for exits and in every preset. The whole of a position may be closed though it is off the grid.
 */
export function malformed(intent: OrderIntent, view: InstrumentView): readonly Failure[] {
  const found: Failure[] = [];
  checkUnits(intent, view, found);
  if (!hasNoPrice(intent)) checkPrices(intent, view, found);
  checkDistances(intent, found);
  if (intent.timeInForce === 'GTD' && !Number.isFinite(intent.expiresAt ?? Number.NaN)) {
    found.push(flaw('order.expiry', 'a GTD order needs the time at which it ends'));
  }
  return found;
}

/** The failure of an intent whose instrument the session does not trade. */
export function unknownInstrument(intent: OrderIntent): Failure {
  return flaw('instrument.unknown', `${intent.instrument} is not one of the session's instruments`);
}

const SAME: readonly (keyof OrderIntent)[] = [
  'instrument',
  'side',
  'units',
  'type',
  'price',
  'stopPrice',
  'trailDistance',
  'reduceOnly',
  'stopLoss',
  'takeProfit',
  'trailStop',
];

function sameOrder(a: OrderIntent, b: OrderIntent): boolean {
  return SAME.every((key) => a[key] === b[key]);
}

function checkUnits(intent: OrderIntent, view: InstrumentView, found: Failure[]): void {
  const { units } = intent;
  const { lotStep, minUnits } = view.instrument;
  if (!(units > 0 && Number.isFinite(units))) {
    found.push(flaw('order.units', `units are ${units}, they must be a positive number`, units));
    return;
  }
  if (units === Math.abs(view.units)) return;
  if (!onGrid(units, lotStep)) {
    found.push({
      ...flaw('order.lotStep', `${units} units are not a multiple of ${lotStep}`, units),
      max: lotStep,
      unit: 'units',
    });
  }
  if (!intent.reduceOnly && !fits(minUnits, units)) {
    found.push({
      ...flaw('order.minUnits', `${units} units, at least ${minUnits} are needed`, units),
      max: minUnits,
      unit: 'units',
    });
  }
}

/** Which of its prices a type must have; all others but protective ones it must not. */
const NEEDS: Readonly<Record<OrderIntent['type'], readonly (typeof OWN_PRICES)[number][]>> = {
  market: [],
  limit: ['price'],
  stop: ['stopPrice'],
  'stop-limit': ['price', 'stopPrice'],
  'trailing-stop': ['trailDistance'],
};
const OWN_PRICES = ['price', 'stopPrice', 'trailDistance'] as const;
const GRID_PRICES = ['price', 'stopPrice', 'stopLoss', 'takeProfit'] as const;

function checkPrices(intent: OrderIntent, view: InstrumentView, found: Failure[]): void {
  const needed = NEEDS[intent.type];
  for (const name of OWN_PRICES) {
    const has = intent[name] !== undefined;
    // A trailing stop may also say where it starts.
    if (has === needed.includes(name) || (name === 'stopPrice' && intent.type === 'trailing-stop')) continue;
    found.push(flaw(`order.${name}`, `a ${intent.type} order ${has ? 'has no' : 'needs a'} ${name}`));
  }
  const { tick } = view.instrument;
  for (const name of GRID_PRICES) {
    const value = intent[name];
    if (value === undefined) continue;
    if (!(value > 0 && Number.isFinite(value)))
      found.push(flaw(`order.${name}`, `${name} is ${value}, it must be a positive number`, value));
    else if (!onGrid(value, tick)) {
      found.push({
        ...flaw('order.tick', `${name} ${value} is not a multiple of the tick ${tick}`, value),
        max: tick,
        unit: 'price',
      });
    }
  }
}

/** A plain market order: nothing of it can be wrong, and naming its prices one by one is what its check would cost. */
function hasNoPrice({ type, price, stopPrice, trailDistance, stopLoss, takeProfit }: OrderIntent): boolean {
  const ownPrice = price !== undefined || stopPrice !== undefined || trailDistance !== undefined;
  return type === 'market' && !ownPrice && stopLoss === undefined && takeProfit === undefined;
}

function checkDistances(intent: OrderIntent, found: Failure[]): void {
  checkDistance('trailDistance', intent.trailDistance, found);
  checkDistance('trailStop', intent.trailStop, found);
}

function checkDistance(name: string, value: number | undefined, found: Failure[]): void {
  if (value === undefined || (value > 0 && Number.isFinite(value))) return;
  found.push(flaw(`order.${name}`, `${name} is ${value}, it must be a positive number`, value));
}
