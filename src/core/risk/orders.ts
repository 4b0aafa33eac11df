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
  checkPrices(intent, view, found);
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
const NEEDS: Readonly<Record<OrderIntent['type'], readonly OwnPrice[]>> = {
  market: [],
  limit: ['price'],
  stop: ['stopPrice'],
  'stop-limit': ['price', 'stopPrice'],
  'trailing-stop': ['trailDistance'],
};
type OwnPrice = 'price' | 'stopPrice' | 'trailDistance';

/** Its prices are named one by one, because a loop over their names is several times as slow. */
function checkPrices(intent: OrderIntent, view: InstrumentView, found: Failure[]): void {
  const { type, price, stopPrice, trailDistance, stopLoss, takeProfit } = intent;
  checkPresence('price', price, type, found);
  // A trailing stop may also say where it starts.
  if (type !== 'trailing-stop') checkPresence('stopPrice', stopPrice, type, found);
  checkPresence('trailDistance', trailDistance, type, found);
  const { tick } = view.instrument;
  checkPrice('price', price, tick, found);
  checkPrice('stopPrice', stopPrice, tick, found);
  checkPrice('stopLoss', stopLoss, tick, found);
  checkPrice('takeProfit', takeProfit, tick, found);
}

function checkPresence(name: OwnPrice, value: number | undefined, type: OrderIntent['type'], found: Failure[]): void {
  const has = value !== undefined;
  if (has === NEEDS[type].includes(name)) return;
  found.push(flaw(`order.${name}`, `a ${type} order ${has ? 'has no' : 'needs a'} ${name}`));
}

function checkPrice(name: string, value: number | undefined, tick: number, found: Failure[]): void {
  if (value === undefined) return;
  if (!(value > 0 && Number.isFinite(value))) {
    found.push(flaw(`order.${name}`, `${name} is ${value}, it must be a positive number`, value));
  } else if (!onGrid(value, tick)) {
    const message = `${name} ${value} is not a multiple of the tick ${tick}`;
    found.push({ ...flaw('order.tick', message, value), max: tick, unit: 'price' });
  }
}

function checkDistances(intent: OrderIntent, found: Failure[]): void {
  checkDistance('trailDistance', intent.trailDistance, found);
  checkDistance('trailStop', intent.trailStop, found);
}

function checkDistance(name: string, value: number | undefined, found: Failure[]): void {
  if (value === undefined || (value > 0 && Number.isFinite(value))) return;
  found.push(flaw(`order.${name}`, `${name} is ${value}, it must be a positive number`, value));
}
