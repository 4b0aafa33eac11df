import type { EpochMs } from '../model/ids.js';
import type { Instrument } from '../model/instrument.js';
import type { ApprovedOrder, OrderIntent } from '../model/order.js';
import { judge, type Mint } from '../risk/gate.js';
import { noLimits } from '../risk/presets.js';

/**
 * Sends one exit of an emergency through the gate: no limit keeps risk from shrinking, but its form is checked, and what
 * could open a position is refused. `units`: what is held, signed. Returns the gate's words when it says no.
 */
export function approveExit(
  intent: OrderIntent,
  units: number,
  instrument: Instrument,
  now: EpochMs,
  mint: Mint,
): ApprovedOrder | string {
  if (!intent.reduceOnly) return 'only what shrinks a position may leave';
  const view = {
    instrument,
    units,
    pendingUnits: 0,
    price: Number.NaN,
    spread: 0,
    quoteToAccount: Number.NaN,
    quoteAgeMs: 0,
    timeframeMs: 0,
    dailyReturns: new Float64Array(0),
  };
  const book = {
    now,
    equity: Number.NaN,
    marginUsed: 0,
    currency: instrument.quote,
    instruments: new Map([[instrument.id, view]]),
    newPositionsToday: 0,
    ordersLastMinute: 0,
    recentIntents: [],
    blocked: [],
    nothingMayLeave: false,
    carryBook: false,
  };
  const [verdict] = judge(noLimits, [intent], book, mint);
  if (verdict?.kind === 'passed') return verdict.order;
  return verdict?.failures.map(({ message }) => message).join('; ') ?? 'the gate said nothing';
}
