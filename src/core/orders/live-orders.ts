import { assert, unreachable } from '../base/assert.js';
import { type ClientId, childClientId, type EpochMs, type OrderId, orderId } from '../model/ids.js';
import type { OrderIntent } from '../model/order.js';
import { bracketLegs } from '../model/order.js';
import type { Cursor, VenueEvent } from '../ports/venue.js';
import type { Instant, OrderRecord, RecordedOrder } from './records.js';

/**
 * Where an order stands. `intended`: recorded, not sent. `attempted`: bytes may have left, no outcome yet. `unresolved`: the
 * outcome is not known; counted as filled. `dormant`: a stop or target that its parent's fill will bring to life.
 */
export type LiveState =
  | 'dormant'
  | 'intended'
  | 'attempted'
  | 'unresolved'
  | 'working'
  | 'filled'
  | 'cancelled'
  | 'expired'
  | 'rejected'
  | 'abandoned'
  | 'never-arrived';

/** One order of ours at a venue, as far as it is known. */
export interface LiveOrder {
  readonly id: OrderId;
  readonly clientId: ClientId;
  readonly intent: OrderIntent;
  readonly createdAt: EpochMs;
  readonly parentId: OrderId | undefined;
  /** When it was put into the journal; `createdAt` is the time of the prices it was decided on. */
  readonly recordedAt: EpochMs;
  state: LiveState;
  venueId: string | undefined;
  attemptedAt: EpochMs | undefined;
  /** The same instant by the machine's stopwatch; absent where that tells nothing to another process. */
  sent?: Instant | undefined;
  /** The venue's record before the send. */
  cursor: Cursor | undefined;
  filledUnits: number;
  /** It was given up for dead, and the engine was told so; then the venue had it after all. */
  revived?: boolean;
  cancelRequestedAt: EpochMs | undefined;
  why: string;
}

/** What an applied record changed, for whoever tells the engine. */
export type Change =
  | { readonly kind: 'none' }
  | { readonly kind: 'order'; readonly order: LiveOrder; readonly was: LiveState }
  /** A fill that may add units to a position; `order` is undefined for one that is not ours. */
  | { readonly kind: 'fill'; readonly order: LiveOrder | undefined; readonly event: Filled }
  /** Something of the account that no order of ours explains. */
  | { readonly kind: 'account'; readonly event: VenueEvent };

export type Filled = Extract<VenueEvent, { kind: 'filled' }>;

const NOTHING: Change = { kind: 'none' };
const FINAL: ReadonlySet<LiveState> = new Set([
  'filled',
  'cancelled',
  'expired',
  'rejected',
  'abandoned',
  'never-arrived',
]);

/** Ends that are our own conclusion, and no word of the venue's. */
const GIVEN_UP: ReadonlySet<LiveState> = new Set(['abandoned', 'never-arrived']);

/** True when the venue can do nothing more with it, as far as anybody knows. */
export const isFinal = (state: LiveState): boolean => FINAL.has(state);

/**
 * All orders of a book at a venue, folded from its journal. The same records in the same order give the same orders: a
 * restart, a `halt` from another process and an auditor see what the session saw. A venue event is applied once, by its id;
 * events may come in any order, and a fill counts also after a cancel: the venue's word on money is always taken.
 */
export class LiveOrders {
  readonly #orders = new Map<ClientId, LiveOrder>();
  readonly #byVenueId = new Map<string, LiveOrder>();
  /** Numbers that a fill named. Where an order has another one too, its rest works under that. */
  readonly #filledNames = new Set<string>();
  readonly #applied = new Set<Cursor>();

  /** Folds one record, `ts` its time. */
  apply(record: OrderRecord, ts: EpochMs): Change {
    switch (record.type) {
      case 'submit':
        return this.#submitted(record.order, ts);
      case 'attempt': {
        const order = this.#known(record.clientId);
        order.attemptedAt = ts;
        order.sent = record.sent;
        order.cursor = record.cursor;
        return this.#move(order, 'attempted', '');
      }
      case 'accepted': {
        const order = this.#known(record.clientId);
        this.#name(order, record.venueId);
        // A fill may have been told before the answer to the send.
        return isFinal(order.state) ? NOTHING : this.#move(order, 'working', '');
      }
      case 'refusal':
        return this.#move(this.#known(record.clientId), 'rejected', `${record.code}: ${record.reason}`);
      case 'unresolved': {
        const order = this.#known(record.clientId);
        return order.state === 'attempted' ? this.#move(order, 'unresolved', record.why) : NOTHING;
      }
      case 'abandoned':
        return this.#move(this.#known(record.clientId), 'abandoned', record.reason);
      case 'never-arrived':
        return this.#move(this.#known(record.clientId), 'never-arrived', record.proof);
      case 'cancel-request':
        this.#known(record.clientId).cancelRequestedAt = ts;
        return NOTHING;
      case 'venue':
        return this.#venue(record.event);
      default:
        return unreachable(record);
    }
  }

  /** True when the event was applied before: a stream and a query tell the same thing twice. */
  knows(event: VenueEvent): boolean {
    return this.#applied.has(event.id);
  }

  find(client: ClientId): LiveOrder | undefined {
    return this.#orders.get(client);
  }

  byId(id: OrderId): LiveOrder | undefined {
    for (const order of this.#orders.values()) if (order.id === id) return order;
    return undefined;
  }

  byVenueId(venueId: string): LiveOrder | undefined {
    return this.#byVenueId.get(venueId);
  }

  values(): Iterable<LiveOrder> {
    return this.#orders.values();
  }

  /** Orders that may still come to life over there although nobody has said so: what a halt must prove dead. */
  inDoubt(): readonly LiveOrder[] {
    return [...this.#orders.values()].filter(({ state }) => state === 'attempted' || state === 'unresolved');
  }

  working(): readonly LiveOrder[] {
    return [...this.#orders.values()].filter(({ state }) => state === 'working');
  }

  /**
   * State as plain JSON. The newest of the ended orders stay known, and what was applied: a venue may bring one back to life
   * (a request that arrived twice), and then it must be known as ours.
   */
  save(): unknown {
    const all = [...this.#orders.values()];
    const oldest = all.filter(({ state }) => isFinal(state)).slice(0, -ENDED_KEPT);
    const forgotten = new Set(oldest);
    const orders = all.filter((order) => !forgotten.has(order));
    return { orders, applied: [...this.#applied].slice(-APPLIED_KEPT) };
  }

  load(state: unknown): void {
    const saved = state as { orders: LiveOrder[]; applied: Cursor[] };
    this.#orders.clear();
    this.#byVenueId.clear();
    this.#filledNames.clear();
    for (const order of saved.orders) {
      const own = { ...order };
      this.#orders.set(own.clientId, own);
      if (own.venueId !== undefined) this.#byVenueId.set(own.venueId, own);
    }
    this.#applied.clear();
    for (const id of saved.applied) this.#applied.add(id);
  }

  #submitted(order: RecordedOrder, ts: EpochMs): Change {
    assert(!this.#orders.has(order.clientId), `an order is submitted once, was ${order.id}`);
    const made = this.#add(order, ts, undefined, 'intended');
    for (const { leg, intent } of bracketLegs(order.id, order.intent, order.intent.units)) {
      const child = { id: orderId(`${order.id}.${leg}`), clientId: childClientId(order.clientId, leg), intent };
      this.#add({ ...child, createdAt: order.createdAt }, ts, order.id, 'dormant');
    }
    return { kind: 'order', order: made, was: 'intended' };
  }

  #add(order: RecordedOrder, recordedAt: EpochMs, parentId: OrderId | undefined, state: LiveState): LiveOrder {
    const made: LiveOrder = {
      id: order.id,
      clientId: order.clientId,
      intent: order.intent,
      createdAt: order.createdAt,
      recordedAt,
      parentId,
      state,
      venueId: undefined,
      attemptedAt: undefined,
      cursor: undefined,
      filledUnits: 0,
      cancelRequestedAt: undefined,
      why: '',
    };
    this.#orders.set(made.clientId, made);
    return made;
  }

  #venue(event: VenueEvent): Change {
    if (this.#applied.has(event.id)) return NOTHING;
    this.#applied.add(event.id);
    switch (event.kind) {
      case 'filled':
        return this.#filled(event);
      case 'accepted':
      case 'protected':
        return this.#live(event);
      case 'cancelled':
      case 'expired': {
        const order = this.#of(event);
        if (order === undefined) return { kind: 'account', event };
        // The venue's word on a fill came first, or the other way round: what is filled stays filled.
        return order.state === 'filled' ? NOTHING : this.#move(order, event.kind, event.reason);
      }
      case 'refused': {
        const order = event.clientId === undefined ? undefined : this.#orders.get(event.clientId);
        if (order === undefined) return { kind: 'account', event };
        return isFinal(order.state) ? NOTHING : this.#move(order, 'rejected', event.reason);
      }
      case 'financing':
      case 'transfer':
      case 'other':
        return { kind: 'account', event };
      default:
        return unreachable(event);
    }
  }

  #filled(event: Filled): Change {
    const order = this.#of(event);
    if (order === undefined) return { kind: 'fill', order, event };
    // A fill names the order that it filled, whose rest may work under another number already.
    this.#filledNames.add(event.venueId);
    if (order.venueId === undefined) this.#name(order, event.venueId);
    else if (order.venueId === event.venueId) order.venueId = this.#restOf(order) ?? event.venueId;
    order.filledUnits += event.units;
    if (GIVEN_UP.has(order.state)) order.revived = true;
    if (event.last || order.filledUnits >= order.intent.units) order.state = 'filled';
    // Cancelled in part stays cancelled; what was thought dead and fills after all is alive.
    else if (order.state !== 'cancelled' && order.state !== 'expired') order.state = 'working';
    return { kind: 'fill', order, event };
  }

  #live(event: Extract<VenueEvent, { kind: 'accepted' | 'protected' }>): Change {
    const order = this.#of(event);
    if (order === undefined) return { kind: 'account', event };
    this.#name(order, event.venueId);
    // What we gave up for dead and the venue has is alive; what the venue itself has ended stays so.
    const isGivenUp = GIVEN_UP.has(order.state);
    if (isFinal(order.state) && !isGivenUp) return NOTHING;
    if (isGivenUp) order.revived = true;
    return this.#move(order, 'working', '');
  }

  #of(event: { readonly clientId: ClientId | undefined; readonly venueId: string }): LiveOrder | undefined {
    const byClient = event.clientId === undefined ? undefined : this.#orders.get(event.clientId);
    return byClient ?? this.#byVenueId.get(event.venueId);
  }

  /**
   * What a partial fill leaves works on under a number of its own, which an answer may name before the record tells of the
   * first one: a number that was filled, or is told again, is not the order's name any more once there is another.
   */
  #name(order: LiveOrder, venueId: string): void {
    const isOld = this.#byVenueId.get(venueId) === order || this.#filledNames.has(venueId);
    this.#byVenueId.set(venueId, order);
    if (order.venueId === undefined || !isOld) order.venueId = venueId;
  }

  /** A number of the order that no fill has named. */
  #restOf(order: LiveOrder): string | undefined {
    for (const [venueId, named] of this.#byVenueId) {
      if (named === order && !this.#filledNames.has(venueId)) return venueId;
    }
    return undefined;
  }

  #known(client: ClientId): LiveOrder {
    const order = this.#orders.get(client);
    assert(order !== undefined, `a record belongs to an order that was submitted, was ${client}`);
    return order;
  }

  #move(order: LiveOrder, state: LiveState, why: string): Change {
    const was = order.state;
    order.state = state;
    order.why = why;
    return { kind: 'order', order, was };
  }
}

/** Ended orders that a snapshot keeps. */
const ENDED_KEPT = 500;
/** More than any venue tells again after a reconnect. */
const APPLIED_KEPT = 20_000;
