import type { ClientId } from '../model/ids.js';
import type { ApprovedOrder } from '../model/order.js';
import type { Cursor, VenueEvent } from '../ports/venue.js';

/** An order as the journal keeps it: what was approved, without the proof that only the gate can make. */
export type RecordedOrder = Pick<ApprovedOrder, 'id' | 'clientId' | 'createdAt' | 'intent'>;

interface AttemptRecord {
  readonly type: 'attempt';
  readonly clientId: ClientId;
  /** How far the venue's record was known before the send; what became of the order stands after it. */
  readonly cursor: Cursor;
  /** When by a stopwatch that a later process can read on: the window of a doubt goes on over a restart. */
  readonly sent?: Instant;
}

/** A reading of the machine's stopwatch, and since which start of the machine it counts. */
export interface Instant {
  readonly mono: number;
  readonly boot: string;
}

/**
 * What a live book's journal says of one order (reliability.md 3.1), in the order in which it can happen. `submit` stands
 * before anything may leave, `attempt` right before the bytes do: an order with the first and not the second was never sent.
 */
export type OrderRecord =
  | { readonly type: 'submit'; readonly order: RecordedOrder }
  | AttemptRecord
  | { readonly type: 'accepted'; readonly clientId: ClientId; readonly venueId: string }
  | { readonly type: 'refusal'; readonly clientId: ClientId; readonly code: string; readonly reason: string }
  | { readonly type: 'unresolved'; readonly clientId: ClientId; readonly why: string }
  /** Never sent, and never will be: the latch, a lapsed time limit, a stale price. */
  | { readonly type: 'abandoned'; readonly clientId: ClientId; readonly reason: string }
  /** The venue can no longer accept it, or a person says that it did not. */
  | { readonly type: 'never-arrived'; readonly clientId: ClientId; readonly proof: string }
  | { readonly type: 'cancel-request'; readonly clientId: ClientId; readonly reason: string }
  | { readonly type: 'venue'; readonly event: VenueEvent };

const TYPES: ReadonlySet<unknown> = new Set<OrderRecord['type']>([
  'submit',
  'attempt',
  'accepted',
  'refusal',
  'unresolved',
  'abandoned',
  'never-arrived',
  'cancel-request',
  'venue',
]);

/** True for the lines of a journal that say something of an order at a venue. */
export function isOrderRecord(record: { readonly type?: unknown }): record is OrderRecord {
  return TYPES.has(record.type);
}
