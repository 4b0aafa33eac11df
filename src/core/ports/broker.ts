import type { EventBatch } from '../model/event.js';
import type { OrderId } from '../model/ids.js';
import type { BarBatch } from '../model/market.js';
import type { ApprovedOrder } from '../model/order.js';

/** A place where an order can go. Outcomes come back as events, never as return values. */
export interface Broker {
  /**
   * Passes rows `from` … `to` − 1 of the market through, its own order events woven in. Lazy: what the engine submits
   * while it looks at row r is answered before row r + 1.
   */
  weave(batch: BarBatch, from: number, to: number): EventBatch;
  submit(order: ApprovedOrder): void;
  cancel(id: OrderId, reason: string): void;
}
