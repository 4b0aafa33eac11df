import type { OrderIntent } from '../../../../core/model/order.js';
import type { JournalRecord } from '../../../../core/state/books/journal.js';

/** What only an engine writes: records that an input led to, and that are never an input themselves. */
const MADE: ReadonlySet<string> = new Set([
  ...['decided', 'ask', 'withdrawn', 'refused', 'cancel', 'breaker', 'latch', 'alert'],
  ...['fill', 'late-fill', 'child', 'trailed', 'cancelled', 'rejected', 'expired'],
  ...['financing', 'dividend', 'split', 'transfer', 'adopted', 'margin-call'],
]);
const NUMBERED = /^o-(\d+)$/;

/** The number of an order that an engine made; undefined for one that a guard or a close-all made, and for no order. */
export function engineNumber(id: unknown): number | undefined {
  const number = NUMBERED.exec(String(id))?.[1];
  return number === undefined ? undefined : Number(number);
}

/** True for a record that an engine made of an input. */
export function isMade({ type, ...fields }: JournalRecord): boolean {
  if (type === 'submit') return engineNumber((fields['order'] as { id?: unknown } | undefined)?.id) !== undefined;
  return MADE.has(String(type));
}

/**
 * True when a record that was made again means the same to an order as the one on disk. What differs without meaning anything,
 * such as the millisecond in which a fill was heard of, is not compared.
 */
export function isSameRecord(old: JournalRecord, type: string, fields: Readonly<Record<string, unknown>>): boolean {
  if (old['type'] !== type) return false;
  return JSON.stringify(meaningOf(type, old)) === JSON.stringify(meaningOf(type, fields));
}

function meaningOf(type: string, fields: Readonly<Record<string, unknown>>): unknown {
  switch (type) {
    case 'submit':
    case 'ask': {
      const { id, intent } = fields['order'] as { readonly id: string; readonly intent: OrderIntent };
      const { instrument, side, units, price, stopPrice, stopLoss, takeProfit, reduceOnly } = intent;
      const { trailDistance, trailStop } = intent;
      const prices = [price, stopPrice, stopLoss, takeProfit, trailDistance, trailStop].map((one) => one ?? null);
      return [id, instrument, side, units, intent.type, reduceOnly, ...prices];
    }
    case 'cancel':
    case 'refused':
    case 'withdrawn':
      return fields['orderId'];
    case 'fill':
    case 'late-fill': {
      const { orderId, executionId, units } = fields['fill'] as Readonly<Record<string, unknown>>;
      return [orderId, executionId, units];
    }
    default:
      return undefined;
  }
}
