import type { ClientId, EpochMs, InstrumentId } from '../model/ids.js';
import type { Instrument } from '../model/instrument.js';
import type { BarColumns } from '../model/market.js';
import type { ApprovedOrder, OrderType, Side, TimeInForce } from '../model/order.js';

/** Where a venue's own record of an account stands: whatever it counts with, opaque to everybody else. */
export type Cursor = string;

/**
 * A real place where orders go. Every call crosses a network: it may fail, come twice, or have worked although no answer
 * came. A read that fails throws `BROKER.*` (an `FxError`): unknown is never empty. `submit` and `cancel` do not throw for
 * what the venue or the network does: they say what is known.
 */
export interface Venue {
  readonly name: string;
  readonly rules: VenueRules;
  /** Who we are there, and what there is. */
  account(): Promise<VenueAccount>;
  /** Grids as the venue has them; an id it does not trade throws `BROKER.UNKNOWN_INSTRUMENT`. */
  instruments(ids: readonly InstrumentId[]): Promise<readonly Instrument[]>;
  /** Sent once, never repeated here. `mayLeave` is asked right before the bytes leave: when it says no, nothing was sent. */
  submit(order: ApprovedOrder, mayLeave: () => boolean): Promise<SubmitOutcome>;
  cancel(order: OrderRef): Promise<CancelOutcome>;
  /** What became of an order with this client id, in the record of the account after `since`. */
  lookUp(clientId: ClientId, since: Cursor): Promise<LookUp>;
  /** Orders that work, ours and others'. */
  openOrders(): Promise<readonly VenueOrder[]>;
  /** Net positions that are not flat. */
  positions(): Promise<readonly VenuePosition[]>;
  /** Everything that happened to the account after `since`, oldest first. */
  history(since: Cursor): Promise<VenueHistory>;
  /** The same as it happens, with a heartbeat at least every few seconds; ends or throws when the connection does. */
  events(signal: AbortSignal): AsyncIterable<VenueEvent | Heartbeat>;
  /** Quotes as they come, with a heartbeat; ends or throws when the connection does. */
  quotes(ids: readonly InstrumentId[], signal: AbortSignal): AsyncIterable<VenueQuote | Heartbeat>;
  /** Quotes now. */
  latestQuotes(ids: readonly InstrumentId[]): Promise<readonly VenueQuote[]>;
  /** Closed bars whose close lies after `after` and not after `until`, both sides where the venue has them. */
  bars(id: InstrumentId, timeframeMs: number, after: EpochMs, until: EpochMs): Promise<BarColumns>;
  /** Venue time minus ours, ms, as last measured; undefined before the first answer. */
  readonly clockOffsetMs: number | undefined;
  close(): void;
}

/** What may be relied on at a venue; the resolver decides with these and nothing else. */
export interface VenueRules {
  /** A client id is taken for good, or may be used again once its order has ended. */
  readonly clientIds: 'unique-for-ever' | 'unique-while-open';
  /** A request without an answer may still arrive this long after it was sent, ms. */
  readonly settleWindowMs: number;
  /** The venue itself refuses a request that comes later than the window. */
  readonly lateRequestsExpire: boolean;
  /** Decimals in which the venue books cash. */
  readonly cashDigits: number;
  /** A close can be told to only reduce. */
  readonly reduceOnly: boolean;
  /** Shortest time between two looks that together prove that nothing is on its way, ms. */
  readonly inFlightWindowMs: number;
}

export interface VenueAccount {
  readonly id: string;
  /** `money` is at risk; `practice` is not. */
  readonly environment: 'practice' | 'money';
  readonly currency: string;
  readonly cash: number;
  readonly equity: number;
  readonly marginUsed: number;
  readonly marginFree: number;
  /** Long and short of one instrument can be held at once: refused, our books net. */
  readonly hedging: boolean;
  readonly cursor: Cursor;
}

/** An order as we or the venue call it; at least one of the two ids. */
export interface OrderRef {
  readonly clientId?: ClientId;
  readonly venueId?: string;
}

/** Only what is on the venue's closed list of refusals is `refused`; all that is not an answer is `unresolved`. */
export type SubmitOutcome =
  | {
      readonly kind: 'accepted';
      readonly venueId: string;
      readonly events: readonly VenueEvent[];
      readonly cursor: Cursor;
    }
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string }
  /** The latch was set at the last moment: no byte left. */
  | { readonly kind: 'held' }
  | { readonly kind: 'unresolved'; readonly why: string };

export type CancelOutcome =
  /** The venue cancelled it; what it says of that. */
  | { readonly kind: 'cancelled'; readonly events: readonly VenueEvent[] }
  /** It works no more, or never did: look again what became of it. */
  | { readonly kind: 'gone'; readonly reason: string }
  | { readonly kind: 'unresolved'; readonly why: string };

export type LookUp =
  | { readonly kind: 'found'; readonly venueId: string; readonly events: readonly VenueEvent[] }
  /** Refused there: it never became an order. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'absent' };

/** An order as the venue shows it. */
export interface VenueOrder {
  readonly venueId: string;
  /** Undefined for an order that was given no id; ours begin with `fx`. */
  readonly clientId: ClientId | undefined;
  readonly instrument: InstrumentId;
  /** Undefined where the venue does not say, as for the stop of a trade whose size it follows. */
  readonly side: Side | undefined;
  readonly units: number | undefined;
  readonly filledUnits: number;
  readonly type: OrderType | 'take-profit' | 'other';
  readonly price?: number;
  readonly stopPrice?: number;
  readonly trailDistance?: number;
  readonly timeInForce: TimeInForce | 'other';
  /** Can only shrink a position: what a halt keeps. */
  readonly reduceOnly: boolean;
  readonly createdAt: EpochMs;
}

export interface VenuePosition {
  readonly instrument: InstrumentId;
  /** Signed. */
  readonly units: number;
  readonly averagePrice: number;
  /** Account currency. */
  readonly unrealizedPnl: number;
}

export interface VenueHistory {
  readonly events: readonly VenueEvent[];
  readonly cursor: Cursor;
}

/** The venue is there; `cursor` where it says how far its record is. */
export interface Heartbeat {
  readonly kind: 'heartbeat';
  readonly ts: EpochMs;
  readonly cursor?: Cursor;
}

export interface VenueQuote {
  readonly kind: 'quote';
  readonly instrument: InstrumentId;
  /** Venue time. */
  readonly ts: EpochMs;
  readonly bid: number;
  readonly ask: number;
  /** The venue takes orders in it now. */
  readonly tradeable: boolean;
}

interface Told {
  /** Unique in the account's record: applying an event twice changes nothing. */
  readonly id: Cursor;
  /** Venue time. */
  readonly ts: EpochMs;
}

interface ToldOfOrder extends Told {
  readonly venueId: string;
  /** Undefined when the order is not one of ours. */
  readonly clientId: ClientId | undefined;
}

/** What a venue's record of an account says, in our words. */
export type VenueEvent =
  | (ToldOfOrder & { readonly kind: 'accepted' })
  | (ToldOfOrder & {
      readonly kind: 'filled';
      readonly instrument: InstrumentId;
      readonly side: Side;
      readonly units: number;
      readonly price: number;
      /** Of the part that closed something, account currency, as booked. */
      readonly realizedPnl: number;
      /** Positive when paid, account currency. */
      readonly commission: number;
      /** Interest settled with the close; positive when paid. */
      readonly financing: number;
      /** Half the spread paid, where the venue says; account currency, positive. */
      readonly spreadCost: number;
      /** Cash of the account afterwards. */
      readonly cash: number;
      /** Nothing of the order is left to fill. */
      readonly last: boolean;
      /** `margin-close-out` and the like: why it happened, in the venue's words. */
      readonly reason: string;
    })
  | (ToldOfOrder & { readonly kind: 'cancelled' | 'expired'; readonly reason: string })
  | (Told & { readonly kind: 'refused'; readonly clientId: ClientId | undefined; readonly reason: string })
  /** A stop or target of a position began to work. */
  | (ToldOfOrder & {
      readonly kind: 'protected';
      readonly parentVenueId: string | undefined;
      readonly role: 'stop' | 'target' | 'trailing';
      readonly price: number | undefined;
      readonly trailDistance: number | undefined;
    })
  | (Told & {
      readonly kind: 'financing';
      readonly instrument: InstrumentId;
      readonly cost: number;
      readonly cash: number;
    })
  /** Money in or out, a correction: cash that no trade explains. */
  | (Told & { readonly kind: 'transfer'; readonly amount: number; readonly cash: number; readonly reason: string })
  /** Something that happened and that we have no word for. */
  | (Told & { readonly kind: 'other'; readonly type: string });
