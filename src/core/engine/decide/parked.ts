import { type ApprovalRequest, driftBps, median } from '../../approvals/request.js';
import { assert } from '../../base/assert.js';
import type { Approved, Declined } from '../../model/event.js';
import type { EpochMs, InstrumentId, OrderId } from '../../model/ids.js';
import type { Order, OrderIntent } from '../../model/order.js';
import { entryLimitPrice } from '../../risk/market.js';
import type { Failure, InstrumentView, RiskLimits } from '../../risk/rule.js';
import type { Effect } from '../effect.js';
import type { OrderBook } from '../order-book.js';

/** A session that learns of a yes later than this after the deadline was not there in time: the price is another. */
export const LATE_MS = 10_000;
/** Sizes that the usual one is the median of. */
const SIZES_KEPT = 99;

/** Orders that passed the gate and wait for a person, each with the question that was asked. They count as pending. */
export class Parked {
  /** When the session heard of the bars that are worked through now: a person's time begins then, however old a bar is. */
  heardAt: EpochMs = 0;
  readonly #orders: OrderBook;
  readonly #requests = new Map<OrderId, ApprovalRequest>();
  /** Units of the entries that were let go, by instrument, oldest first. */
  readonly #sizes = new Map<InstrumentId, number[]>();

  constructor(orders: OrderBook) {
    this.#orders = orders;
  }

  get size(): number {
    return this.#requests.size;
  }

  requests(): Iterable<ApprovalRequest> {
    return this.#requests.values();
  }

  usualUnits(instrument: InstrumentId): number | null {
    return median(this.#sizes.get(instrument) ?? []);
  }

  park(request: ApprovalRequest): void {
    this.#requests.set(request.id, request);
  }

  find(id: OrderId): { readonly request: ApprovalRequest; readonly order: Order } | undefined {
    const request = this.#requests.get(id);
    const order = this.#orders.find(id);
    return request === undefined || order === undefined ? undefined : { request, order };
  }

  /** True when a yes comes too late to act on: it ends as if nobody had answered. */
  isLate({ expiresAt }: ApprovalRequest, { at, ts }: Approved): boolean {
    return at >= expiresAt || ts >= expiresAt + LATE_MS;
  }

  /** The price went further than a yes of then can mean now. */
  driftFailure({ referencePrice, bandBps, instrument }: ApprovalRequest, price: number): Failure | undefined {
    const drift = driftBps(referencePrice, price);
    if (bandBps === null || drift <= bandBps) return undefined;
    return {
      limit: 'approval.band',
      value: Number.isFinite(drift) ? drift : null,
      max: bandBps,
      unit: 'bps of price',
      message: `${instrument} moved ${drift.toFixed(1)} bps since it was proposed, limit is ${bandBps} bps`,
    };
  }

  /** It may be sent, as `intent`: from now on it is an order like any other. */
  release(order: Order, intent: OrderIntent, ts: EpochMs): void {
    assert(this.#requests.delete(order.id), 'an order leaves the parking place once');
    order.isParked = false;
    order.sentAt = ts;
    order.intent = intent;
    const { instrument, units } = intent;
    const sizes = this.#sizes.get(instrument) ?? [];
    sizes.push(units);
    if (sizes.length > SIZES_KEPT) sizes.shift();
    this.#sizes.set(instrument, sizes);
  }

  /** Somebody or something said no. */
  refuse({ id, intent }: Order, failures: readonly Failure[], ts: EpochMs): Effect {
    this.#requests.delete(id);
    this.#orders.end(id, 'refused', failures.map(({ limit, message }) => `${limit}: ${message}`).join('; '));
    return { kind: 'refused', ts, orderId: id, intent, failures };
  }

  /** A no. Without an effect when it waits no more. */
  decline({ orderId, who, reason, ts }: Declined): readonly Effect[] {
    const found = this.find(orderId);
    if (found === undefined) return [];
    const message = `declined by ${who}${reason === '' ? '' : `: ${reason}`}`;
    return [this.refuse(found.order, [{ limit: 'approval', value: null, max: null, unit: '', message }], ts)];
  }

  withdraw(id: OrderId, status: 'expired' | 'cancelled', reason: string, ts: EpochMs): Effect {
    this.#requests.delete(id);
    this.#orders.end(id, status, reason);
    return { kind: 'withdrawn', ts, orderId: id, status, reason };
  }

  /** What would be cancelled at `ts` ends here, and so does what nobody answered until then. */
  settle(ts: EpochMs, effects: Effect[]): void {
    this.keepFromVenue(effects, ts);
    this.#expire(ts, effects);
  }

  #expire(ts: EpochMs, effects: Effect[]): void {
    for (const { id, expiresAt } of [...this.#requests.values()]) {
      if (ts < expiresAt) continue;
      effects.push(this.withdraw(id, 'expired', 'nobody answered within approval.timeout', ts));
    }
  }

  /** An order that waits is at no venue: what would cancel it there ends it here. Each is ended once. */
  keepFromVenue(effects: Effect[], ts: EpochMs): void {
    const ended = new Set<OrderId>();
    const kept = effects.flatMap((effect) => {
      if (effect.kind !== 'cancel') return effect;
      const { orderId, reason } = effect;
      if (ended.has(orderId)) return [];
      if (!this.#requests.has(orderId)) return effect;
      ended.add(orderId);
      return this.withdraw(orderId, 'cancelled', reason, ts);
    });
    if (ended.size > 0) effects.splice(0, effects.length, ...kept);
  }

  /** The question was about old units: orders of a split instrument are taken back, usual sizes go on in new units. */
  split(instrument: InstrumentId, ratio: number, ts: EpochMs, effects: Effect[]): void {
    const sizes = this.#sizes.get(instrument);
    if (sizes !== undefined) {
      this.#sizes.set(
        instrument,
        sizes.map((units) => units * ratio),
      );
    }
    for (const { id, instrument: of } of [...this.#requests.values()]) {
      if (of === instrument) effects.push(this.withdraw(id, 'cancelled', `${instrument} was split`, ts));
    }
  }

  save(): unknown {
    return { requests: [...this.#requests.values()], sizes: [...this.#sizes] };
  }

  /** `undefined`: saved by a version that asked nobody. */
  load(state: unknown): void {
    this.#requests.clear();
    this.#sizes.clear();
    const saved = state as { requests: ApprovalRequest[]; sizes: [InstrumentId, number[]][] } | undefined;
    for (const request of saved?.requests ?? []) this.#requests.set(request.id, request);
    for (const [instrument, sizes] of saved?.sizes ?? []) this.#sizes.set(instrument, [...sizes]);
  }
}

/**
 * The order with a limit price that lies no further through today's touch than the limits allow. It is drawn in and never out:
 * the price that the person saw stays the worst.
 */
export function drawnIn(limits: RiskLimits, intent: OrderIntent, view: InstrumentView | undefined): OrderIntent {
  const { type, side, price } = intent;
  if (type !== 'limit' || price === undefined || view === undefined) return intent;
  const most = entryLimitPrice(limits, side, view);
  if (most === undefined || (side === 'buy' ? price <= most : price >= most)) return intent;
  return { ...intent, price: most };
}
