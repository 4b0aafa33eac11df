import { floorTo, roundTo } from '../../core/base/num.js';
import { clientId, type EpochMs, type OrderId, orderId, seededClientId } from '../../core/model/ids.js';
import type { Instrument } from '../../core/model/instrument.js';
import { bracketLegs, type OrderIntent, splitIntent } from '../../core/model/order.js';
import type { SimBar } from './sim-bar.js';
import { loadedOrder, newWorkingOrder, type SavedOrder, savedOrder, type WorkingOrder } from './working-order.js';

const NONE: readonly WorkingOrder[] = [];

/** The orders that work at the simulated venue, by instrument and in the order they came. */
export class OrderDesk {
  readonly #working: WorkingOrder[][];
  #closeOuts = 0;

  constructor(instruments: number) {
    this.#working = Array.from({ length: instruments }, () => []);
  }

  has(index: number): boolean {
    return (this.#working[index]?.length ?? 0) > 0;
  }

  /** A copy: filling one order may end others. */
  of(index: number): readonly WorkingOrder[] {
    const working = this.#working[index] ?? NONE;
    return working.length === 0 ? NONE : working.slice();
  }

  /** Every order, a copy. */
  all(): readonly WorkingOrder[] {
    return this.#working.flat();
  }

  /** Orders that do not live beyond `ts`; without one nothing is allocated. */
  overBy(index: number, ts: EpochMs): readonly WorkingOrder[] {
    const orders = this.#working[index] ?? NONE;
    for (let place = 0; place < orders.length; place++) {
      const order = orders[place];
      if (order !== undefined && order.endsAt <= ts) return orders.filter(({ endsAt }) => endsAt <= ts);
    }
    return NONE;
  }

  holds(order: WorkingOrder): boolean {
    return this.#working[order.index]?.includes(order) ?? false;
  }

  find(id: OrderId): WorkingOrder | undefined {
    for (const orders of this.#working) {
      const found = orders.find((order) => order.id === id);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  add(order: WorkingOrder): void {
    this.#working[order.index]?.push(order);
  }

  remove(order: WorkingOrder): void {
    const orders = this.#working[order.index] ?? [];
    const position = orders.indexOf(order);
    if (position >= 0) orders.splice(position, 1);
  }

  /** The other orders of a one-cancels-other group, wherever they work. */
  siblings(order: WorkingOrder): readonly WorkingOrder[] {
    const { group } = order.intent;
    if (group === undefined) return NONE;
    return this.#working.flat().filter((other) => other !== order && other.intent.group === group);
  }

  /** What this bar's volume leaves for an order: a share of it on the lot grid; everything where volume is unknown. */
  available(wanted: number, bar: SimBar, participation: number | null): number {
    if (participation === null || bar.definition.assetClass === 'fx' || Number.isNaN(bar.volume)) return wanted;
    return Math.min(wanted, floorTo(bar.volume * participation, bar.definition.lotStep));
  }

  /**
   * The protective orders that a fill of `units` brings to life or makes larger: made at the first fill of their parent,
   * grown at the next ones, made anew (under a new id) where they ended before their parent was filled.
   */
  bear(parent: WorkingOrder, units: number, ts: EpochMs): readonly WorkingOrder[] {
    if (parent.intent.stopLoss === undefined && parent.intent.takeProfit === undefined) return NONE;
    const touched: WorkingOrder[] = [];
    let born = false;
    for (const { leg, intent } of bracketLegs(parent.id, parent.intent, units)) {
      const living = this.#working[parent.index]?.find((one) => one.parentId === parent.id && one.leg === leg);
      if (living !== undefined) {
        living.remaining += units;
        living.intent = { ...living.intent, units: living.intent.units + units };
        touched.push(living);
        continue;
      }
      born = true;
      touched.push(this.#child(parent, leg, intent, ts));
    }
    if (born) parent.births++;
    return touched;
  }

  /** The venue's own order that ends a position of `held` signed units. */
  closeOut({ index, instrument }: Pick<SimBar, 'index' | 'instrument'>, held: number, ts: EpochMs, reason: string) {
    this.#closeOuts++;
    const intent: OrderIntent = {
      instrument,
      side: held > 0 ? 'sell' : 'buy',
      units: Math.abs(held),
      type: 'market',
      timeInForce: 'IOC',
      reduceOnly: true,
      reason,
    };
    const id = orderId(`closeout-${this.#closeOuts}`);
    const order = newWorkingOrder({ id, clientId: clientId(''), intent, index, activeFrom: ts, sentAt: ts });
    this.add(order);
    return order;
  }

  /** New units for old, prices the other way, for every order of an instrument. Returns those that nothing is left of. */
  split(
    index: number,
    ratio: number,
    { lotStep, tick }: Pick<Instrument, 'lotStep' | 'tick'>,
  ): readonly WorkingOrder[] {
    for (const order of this.of(index)) {
      order.remaining = floorTo(order.remaining * ratio, lotStep);
      order.filled *= ratio;
      order.stop = roundTo(order.stop / ratio, tick);
      order.intent = splitIntent(order.intent, { ratio, units: order.filled + order.remaining, tick });
    }
    return this.of(index).filter((order) => order.remaining <= 0);
  }

  save(): unknown {
    return { working: this.#working.map((orders) => orders.map(savedOrder)), closeOuts: this.#closeOuts };
  }

  load(state: unknown): void {
    const saved = state as { working: SavedOrder[][]; closeOuts: number };
    this.#closeOuts = saved.closeOuts;
    saved.working.forEach((orders, index) => {
      this.#working[index] = orders.map(loadedOrder);
    });
  }

  #child(parent: WorkingOrder, leg: 'sl' | 'tp', intent: OrderIntent, ts: EpochMs): WorkingOrder {
    const suffix = parent.births === 0 ? leg : `${leg}${parent.births + 1}`;
    const order: WorkingOrder = {
      ...newWorkingOrder({
        id: orderId(`${parent.id}.${suffix}`),
        clientId: seededClientId(parent.clientId, suffix),
        intent,
        index: parent.index,
        activeFrom: 0,
        sentAt: ts,
      }),
      parentId: parent.id,
      leg,
    };
    this.add(order);
    return order;
  }
}
