import type { EpochMs } from '../../model/ids.js';
import type { Ledger } from '../../model/ledger.js';
import type { Effect } from '../effect.js';
import type { OrderBook } from '../order-book.js';
import type { EngineParts } from '../parts.js';

/** Adds to `effects` the working entries to take back: where a halt forbids them, and those older than `orderTimeout`. */
export function cancelEntries(
  parts: EngineParts,
  ledger: Ledger,
  orders: OrderBook,
  ts: EpochMs,
  effects: Effect[],
): void {
  for (const { id, intent } of orders.values()) {
    const instrument = intent.reduceOnly ? undefined : parts.instruments[ledger.indexOf(intent.instrument)];
    if (instrument === undefined) continue;
    const halt = parts.halted(instrument);
    if (halt.entries) effects.push({ kind: 'cancel', orderId: id, reason: `halted: ${halt.reason}` });
  }
  const timeout = parts.limits.orderTimeoutMs;
  if (timeout === null) return;
  for (const order of orders.entriesBefore(ts - timeout)) {
    effects.push({ kind: 'cancel', orderId: order.id, reason: 'not filled within risk.orderTimeout' });
  }
}

/** Adds to `effects` the end of every order that could open or grow a position. */
export function cancelEvery(orders: OrderBook, reason: string, effects: Effect[]): void {
  for (const { id, intent } of orders.values()) {
    if (!intent.reduceOnly) effects.push({ kind: 'cancel', orderId: id, reason });
  }
}
