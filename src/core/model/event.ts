import type { EpochMs, InstrumentId, OrderId } from './ids.js';
import type { Bar } from './market.js';
import type { ApprovedOrder, Fill, OrderIntent } from './order.js';

/**
 * One bar on its way through broker and engine. One object an instrument, reused for each of its bars, so that a bar that
 * decides nothing allocates nothing; it is also the `Bar` that strategies are shown.
 */
export interface BarEvent extends Bar {
  readonly kind: 'bar';
  /** Index of the instrument in the session. */
  readonly index: number;
  /** Modelled or real full spread at the close, in price. */
  readonly spread: number;
  /** LAST_OF_SLICE and so on, from `market.ts`. */
  readonly flags: number;
}

/** What a broker tells of its own accord. */
export type BrokerEvent =
  | { readonly kind: 'fill'; readonly ts: EpochMs; readonly fill: Fill }
  | { readonly kind: 'cancelled'; readonly ts: EpochMs; readonly orderId: OrderId; readonly reason: string }
  | { readonly kind: 'rejected'; readonly ts: EpochMs; readonly orderId: OrderId; readonly reason: string }
  | { readonly kind: 'expired'; readonly ts: EpochMs; readonly orderId: OrderId; readonly reason: string }
  /** A bracket's stop or target starts to work with its parent's fill, or grows with a later one: then its id is known. */
  | { readonly kind: 'child'; readonly ts: EpochMs; readonly parentId: OrderId; readonly order: ChildOrder }
  /** The stop of a trailing order moved. */
  | { readonly kind: 'trailed'; readonly ts: EpochMs; readonly orderId: OrderId; readonly stopPrice: number }
  /** Interest of one night (or three); `cost` in account currency, positive when paid. */
  | {
      readonly kind: 'financing';
      readonly ts: EpochMs;
      readonly instrument: InstrumentId;
      readonly cost: number;
      readonly days: number;
    }
  /** `cost` is negative for the holder of a long position. */
  | { readonly kind: 'dividend'; readonly ts: EpochMs; readonly instrument: InstrumentId; readonly cost: number }
  | {
      readonly kind: 'split';
      readonly ts: EpochMs;
      readonly instrument: InstrumentId;
      readonly ratio: number;
      readonly price: number;
    }
  /** A fill of an order that the book had ended already: the venue's word on money is always taken. */
  | { readonly kind: 'late-fill'; readonly ts: EpochMs; readonly fill: Fill }
  /** Money in (positive) or out of the account, by no trade. */
  | { readonly kind: 'transfer'; readonly ts: EpochMs; readonly amount: number }
  /** A person took over what the venue holds: from now on it is ours. */
  | { readonly kind: 'adopted'; readonly ts: EpochMs; readonly cash: number; readonly positions: readonly Adopted[] }
  | { readonly kind: 'margin-call'; readonly ts: EpochMs; readonly equity: number; readonly marginUsed: number };

/** Signed units of a traded instrument; what is not named is flat. */
export interface Adopted {
  readonly instrument: InstrumentId;
  readonly units: number;
  readonly averagePrice: number;
}

export interface ChildOrder {
  readonly id: OrderId;
  readonly clientId: ApprovedOrder['clientId'];
  readonly intent: OrderIntent;
}

/** Silence is an event too: real-time sessions add one a second. */
export interface Tick {
  readonly kind: 'tick';
  readonly ts: EpochMs;
}

/** A person has looked at every latch and lifted its halt: latches open. Only a real-time session says so. */
export interface Resumed {
  readonly kind: 'resumed';
  readonly ts: EpochMs;
}

/** A price that a session saw when an answer came, where it is newer than the last bar. */
export interface SeenPrice {
  /** Mid, quote per base. */
  readonly price: number;
  /** Full spread in price. */
  readonly spread?: number;
  readonly ageMs: number;
  /** A second source's mid, where there is one. */
  readonly second?: number;
}

/** A person said yes to an order that waits. `at` is when, `ts` when the session learnt of it. */
export interface Approved {
  readonly kind: 'approved';
  readonly ts: EpochMs;
  readonly orderId: OrderId;
  readonly who: string;
  readonly at: EpochMs;
  readonly seen?: SeenPrice;
}

/** A person, or a session on a person's behalf, said no to an order that waits. */
export interface Declined {
  readonly kind: 'declined';
  readonly ts: EpochMs;
  readonly orderId: OrderId;
  readonly who: string;
  readonly reason: string;
}

/** What drives an engine from outside; the session keeps its own record of these. */
export type InputKind = 'bar' | 'tick' | 'resumed' | 'approved' | 'declined';

export type EngineEvent = BarEvent | BrokerEvent | Tick | Resumed | Approved | Declined;

/** A batch of bars becomes a batch of events, in order, pulled lazily: an answer to an order comes before the next bar. */
export type EventBatch = Iterable<EngineEvent>;
