import { assert } from '../base/assert.js';
import { floorTo } from '../base/num.js';
import type { ChildOrder } from '../model/event.js';
import type { EpochMs, InstrumentId, OrderId } from '../model/ids.js';
import type { Instrument } from '../model/instrument.js';
import { type Fill, type Order, type OrderStatus, signOf, splitIntent } from '../model/order.js';

/** Told of each order when it is new and when it can change no more, in no particular order. */
export interface OrderListener {
  opened(order: Order): void;
  closed(order: Order): void;
}

/** Orders that still work, and what they would add to positions; finished ones are handed on and forgotten. */
export class OrderBook {
  readonly #working = new Map<OrderId, Order>();
  readonly #listener: OrderListener;
  #sequence = 0;

  constructor(listener: OrderListener) {
    this.#listener = listener;
  }

  nextId(): number {
    this.#sequence++;
    return this.#sequence;
  }

  get size(): number {
    return this.#working.size;
  }

  values(): Iterable<Order> {
    return this.#working.values();
  }

  find(id: OrderId): Order | undefined {
    return this.#working.get(id);
  }

  add(order: Order): void {
    assert(!this.#working.has(order.id), `an order is new to the book once, was ${order.id}`);
    this.#listener.opened(order);
    if (order.status === 'working') this.#working.set(order.id, order);
    else this.#listener.closed(order);
  }

  /** A bracket's stop or target that began to work with its parent's fill, or grew with a later one. */
  addChild(child: ChildOrder, ts: EpochMs): void {
    const { id, clientId, intent } = child;
    const living = this.#working.get(id);
    if (living !== undefined) {
      living.intent = {
        ...intent,
        ...(living.intent.stopPrice === undefined ? {} : { stopPrice: living.intent.stopPrice }),
      };
      return;
    }
    const { reason } = intent;
    this.add({ id, clientId, createdAt: ts, intent, status: 'working', filledUnits: 0, averagePrice: 0, reason });
  }

  fill(fill: Fill): Order {
    const order = this.#working.get(fill.orderId);
    assert(order !== undefined, `a fill belongs to a working order, was ${fill.orderId}`);
    const filled = order.filledUnits + fill.units;
    order.averagePrice = (order.averagePrice * order.filledUnits + fill.price * fill.units) / filled;
    if (order.filledUnits === 0) order.averagePrice = fill.price;
    order.filledUnits = filled;
    if (filled >= order.intent.units - 1e-9) this.#finish(order, 'filled', order.reason);
    return order;
  }

  end(id: OrderId, status: OrderStatus, reason: string): void {
    const order = this.#working.get(id);
    if (order !== undefined) this.#finish(order, status, `${order.reason}; ${reason}`);
  }

  /** Signed units that working orders which are not reduce-only, but for `except`, would still add to an instrument. */
  pendingUnits(instrument: InstrumentId, except?: OrderId): number {
    let units = 0;
    for (const { id, intent, filledUnits } of this.#working.values()) {
      if (intent.instrument !== instrument || intent.reduceOnly || id === except) continue;
      units += signOf(intent.side) * (intent.units - filledUnits);
    }
    return units;
  }

  /** The same by side, both 0 or more; undefined unless both sides are on their way. */
  pendingSides(
    instrument: InstrumentId,
    except?: OrderId,
  ): { readonly buys: number; readonly sells: number } | undefined {
    let [buys, sells] = [0, 0];
    for (const { id, intent, filledUnits } of this.#working.values()) {
      if (intent.instrument !== instrument || intent.reduceOnly || id === except) continue;
      if (intent.side === 'buy') buys += intent.units - filledUnits;
      else sells += intent.units - filledUnits;
    }
    return buys > 0 && sells > 0 ? { buys, sells } : undefined;
  }

  hasEntry(instrument: InstrumentId): boolean {
    for (const { intent } of this.#working.values()) {
      if (intent.instrument === instrument && !intent.reduceOnly) return true;
    }
    return false;
  }

  /** True while a market order that closes the instrument's position is on its way. */
  hasExit(instrument: InstrumentId): boolean {
    for (const { intent } of this.#working.values()) {
      if (intent.instrument === instrument && intent.reduceOnly && intent.type === 'market') return true;
    }
    return false;
  }

  /** Units that market exits on their way, but for `except`, will take from what is held. */
  leavingUnits(instrument: InstrumentId, except?: OrderId): number {
    let units = 0;
    for (const { id, intent, filledUnits } of this.#working.values()) {
      if (intent.instrument !== instrument || !intent.reduceOnly || intent.type !== 'market' || id === except) continue;
      units += intent.units - filledUnits;
    }
    return units;
  }

  /** Trigger of the nearest protective stop of a position, or undefined. */
  stopOf(instrument: InstrumentId): number | undefined {
    for (const { intent } of this.#working.values()) {
      if (intent.instrument === instrument && intent.reduceOnly && intent.stopPrice !== undefined)
        return intent.stopPrice;
    }
    return undefined;
  }

  /** Entries at the venue that were sent before `limit`. */
  entriesBefore(limit: EpochMs): Order[] {
    const found: Order[] = [];
    for (const order of this.#working.values()) {
      if (order.intent.reduceOnly || order.isParked === true) continue;
      if ((order.sentAt ?? order.createdAt) <= limit) found.push(order);
    }
    return found;
  }

  /** A trailing stop moved. */
  retrail(id: OrderId, stopPrice: number): void {
    const order = this.#working.get(id);
    if (order !== undefined) order.intent = { ...order.intent, stopPrice };
  }

  /** New units for old after a split, so that a later fill finds its order in the new units. */
  split({ id: instrument, lotStep, tick }: Pick<Instrument, 'id' | 'lotStep' | 'tick'>, ratio: number): void {
    for (const order of this.#working.values()) {
      if (order.intent.instrument !== instrument) continue;
      // The venue cuts what is left to whole lots: a fraction that nobody will fill must not stay open here.
      const left = floorTo((order.intent.units - order.filledUnits) * ratio, lotStep);
      order.filledUnits *= ratio;
      order.intent = splitIntent(order.intent, { ratio, units: order.filledUnits + left, tick });
      order.averagePrice /= ratio;
    }
  }

  save(): unknown {
    return { sequence: this.#sequence, working: [...this.#working.values()] };
  }

  load(state: unknown): void {
    const saved = state as { sequence: number; working: Order[] };
    this.#sequence = saved.sequence;
    this.#working.clear();
    for (const order of saved.working) this.#working.set(order.id, { ...order });
  }

  #finish(order: Order, status: OrderStatus, reason: string): void {
    order.status = status;
    order.reason = reason;
    this.#working.delete(order.id);
    this.#listener.closed(order);
  }
}
