import { unreachable } from '../base/assert.js';
import type { BrokerEvent } from '../model/event.js';
import type { EpochMs, InstrumentId, OrderId } from '../model/ids.js';
import type { Fill } from '../model/order.js';
import type { VenueEvent } from '../ports/venue.js';
import type { Change, Filled, LiveOrder, LiveState } from './live-orders.js';

/** What the engine knows, as far as a translation needs it. */
export interface EngineKnowledge {
  /** The engine's book still has the order. */
  hasOrder(id: OrderId): boolean;
  /** The engine trades the instrument. */
  trades(instrument: InstrumentId): boolean;
}

/**
 * What the engine is told of a change, in its own words; `ts` is when we learnt of it, which orders events, not the venue's
 * time. Nothing for what is foreign: reconciliation finds that, and blocks.
 */
export function engineEvents(change: Change, ts: EpochMs, engine: EngineKnowledge): readonly BrokerEvent[] {
  switch (change.kind) {
    case 'none':
      return [];
    case 'order':
      return orderEvents(change.order, change.was, ts, engine);
    case 'fill':
      return change.order === undefined ? [] : fillEvents(change.order, change.event, ts, engine);
    case 'account':
      return accountEvents(change.event, ts, engine);
    default:
      return unreachable(change);
  }
}

const ENDS: Readonly<Partial<Record<LiveState, 'cancelled' | 'expired' | 'rejected'>>> = {
  cancelled: 'cancelled',
  expired: 'expired',
  rejected: 'rejected',
  abandoned: 'rejected',
  'never-arrived': 'rejected',
};

function orderEvents(order: LiveOrder, was: LiveState, ts: EpochMs, engine: EngineKnowledge): readonly BrokerEvent[] {
  const { id, clientId, intent, parentId } = order;
  if (was === 'dormant' && order.state === 'working' && parentId !== undefined) {
    return [{ kind: 'child', ts, parentId, order: { id, clientId, intent } }];
  }
  const kind = ENDS[order.state];
  if (kind === undefined || was === order.state || !engine.hasOrder(id)) return [];
  return [{ kind, ts, orderId: id, reason: order.why }];
}

function fillEvents(order: LiveOrder, event: Filled, ts: EpochMs, engine: EngineKnowledge): readonly BrokerEvent[] {
  const { id, clientId, intent, parentId } = order;
  if (!engine.trades(event.instrument)) {
    // A close-all also closes what the session does not trade: the money is the account's all the same.
    const amount = event.realizedPnl - event.commission - event.financing;
    return amount === 0 ? [] : [{ kind: 'transfer', ts, amount }];
  }
  const fill: Fill = {
    orderId: id,
    executionId: event.id,
    instrument: event.instrument,
    side: event.side,
    units: event.units,
    price: event.price,
    ts,
    commission: event.commission,
    realizedPnl: event.realizedPnl,
    financing: event.financing,
    spreadCost: event.spreadCost,
    slippageCost: 0,
    impactCost: 0,
    reason: intent.reason,
  };
  if (engine.hasOrder(id)) return [{ kind: 'fill', ts, fill }];
  // A stop that fills before anybody said that it works: the engine must know it first.
  if (parentId !== undefined && order.filledUnits === event.units) {
    return [
      { kind: 'child', ts, parentId, order: { id, clientId, intent } },
      { kind: 'fill', ts, fill },
    ];
  }
  return [{ kind: 'late-fill', ts, fill }];
}

function accountEvents(event: VenueEvent, ts: EpochMs, engine: EngineKnowledge): readonly BrokerEvent[] {
  if (event.kind === 'transfer') return [{ kind: 'transfer', ts, amount: event.amount }];
  if (event.kind !== 'financing') return [];
  const { instrument, cost } = event;
  if (engine.trades(instrument)) return [{ kind: 'financing', ts, instrument, cost, days: 1 }];
  // Interest of a position that is not ours still moves the cash of the account.
  return [{ kind: 'transfer', ts, amount: -cost }];
}
