import { assert } from '../base/assert.js';
import { floorTo } from '../base/num.js';
import type { InstrumentId } from '../model/ids.js';
import type { Instrument } from '../model/instrument.js';
import type { OrderIntent } from '../model/order.js';
import type { VenuePosition } from '../ports/venue.js';

/** What a position is worth closing: its size in account currency, largest first. */
export interface CloseContext {
  readonly instruments: ReadonlyMap<InstrumentId, Pick<Instrument, 'lotStep'>>;
  /** Account currency a unit; undefined where nobody knows: closed last. */
  notionalOf(position: VenuePosition): number | undefined;
  /** Largest units of one order; undefined where there is no limit. */
  maxUnits(instrument: InstrumentId): number | undefined;
  readonly reason: string;
}

/** A position that no order can close, and why. */
export interface Unclosable {
  readonly instrument: InstrumentId;
  readonly units: number;
  readonly reason: string;
}

export interface ClosePlan {
  readonly orders: readonly OrderIntent[];
  readonly left: readonly Unclosable[];
}

/** The largest order of an instrument; one smaller than a lot is no limit that an order could keep, and is left out. */
export function largestOrder(instrument: Pick<Instrument, 'lotStep' | 'maxUnits'> | undefined): number | undefined {
  const { maxUnits, lotStep = 0 } = instrument ?? {};
  return maxUnits === undefined || maxUnits < lotStep ? undefined : maxUnits;
}

/**
 * The orders that flatten what the venue says it holds: exactly its units, never more, reduce-only, largest risk first, in
 * slices where one order may not be so large (reliability.md 3.6). A rest smaller than a lot cannot be sold and is named.
 */
export function closePlan(positions: readonly VenuePosition[], context: CloseContext): ClosePlan {
  const orders: OrderIntent[] = [];
  const left: Unclosable[] = [];
  const size = (position: VenuePosition) => context.notionalOf(position) ?? -1;
  for (const position of [...positions].sort((a, b) => size(b) - size(a) || (a.instrument < b.instrument ? -1 : 1))) {
    const { instrument, units } = position;
    const lotStep = context.instruments.get(instrument)?.lotStep ?? 0;
    const closable = lotStep > 0 ? floorTo(Math.abs(units), lotStep) : Math.abs(units);
    const rest = Math.abs(units) - closable;
    // What binary fractions leave of 0.30000000000000004 units is held by nobody.
    if (rest > lotStep * DUST) {
      left.push({ instrument, units: Math.sign(units) * rest, reason: `less than a lot of ${lotStep}` });
    }
    for (const slice of slices(closable, context.maxUnits(instrument), lotStep)) {
      orders.push({
        instrument,
        side: units > 0 ? 'sell' : 'buy',
        units: slice,
        type: 'market',
        timeInForce: 'FOK',
        reduceOnly: true,
        reason: context.reason,
      });
    }
  }
  return { orders, left };
}

/** Lots below which a rest is rounding noise. */
const DUST = 1e-6;

function slices(units: number, most: number | undefined, lotStep: number): readonly number[] {
  if (units <= 0) return [];
  if (most === undefined) return [units];
  const slice = lotStep > 0 ? floorTo(most, lotStep) : most;
  assert(slice > 0, 'the largest order is at least a lot');
  const count = Math.floor(units / slice);
  const rest = lotStep > 0 ? floorTo(units - count * slice, lotStep) : units - count * slice;
  return [...Array.from({ length: count }, () => slice), ...(rest > 0 ? [rest] : [])];
}
