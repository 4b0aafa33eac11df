import type { BarEvent, EventBatch } from '../model/event.js';
import type { OrderId } from '../model/ids.js';
import type { Instrument } from '../model/instrument.js';
import type { BarBatch } from '../model/market.js';
import type { ApprovedOrder } from '../model/order.js';
import type { LiveOrder, LiveOrders } from '../orders/live-orders.js';
import type { Broker } from '../ports/broker.js';

/** What the engine wants sent and taken back, in its order. */
export type Errand = { readonly kind: 'submit'; readonly order: ApprovedOrder } | CancelErrand;

/** An order that is to be taken back at the venue. */
export interface CancelErrand {
  readonly kind: 'cancel';
  readonly orderId: OrderId;
  readonly reason: string;
}

/**
 * The engine's broker in a live session: bars pass through, and what the engine wants done waits here until it is safe on disk
 * and the dispatcher takes it. Answers come back as events of the venue, whenever they come.
 */
export class Outbox implements Broker {
  readonly bars: readonly PassingBar[];
  #errands: Errand[] = [];

  constructor(instruments: readonly Instrument[]) {
    this.bars = instruments.map((instrument, index) => new PassingBar(index, instrument));
  }

  *weave(batch: BarBatch, from: number, to: number): EventBatch {
    for (let row = from; row < to; row++) {
      const bar = this.bars[batch.instrument[row] ?? 0];
      if (bar === undefined) continue;
      bar.read(batch, row);
      yield bar;
    }
  }

  submit(order: ApprovedOrder): void {
    this.#errands.push({ kind: 'submit', order });
  }

  cancel(orderId: OrderId, reason: string): void {
    this.#errands.push({ kind: 'cancel', orderId, reason });
  }

  get isEmpty(): boolean {
    return this.#errands.length === 0;
  }

  /** Everything that waits; it waits no more. */
  take(): readonly Errand[] {
    const errands = this.#errands;
    this.#errands = [];
    return errands;
  }

  /** Errands that were taken and not done wait again, before all others. */
  putBack(errands: readonly Errand[]): void {
    this.#errands.unshift(...errands);
  }

  save(): unknown {
    return this.bars.map((bar) => bar.save());
  }

  load(state: unknown): void {
    for (const [index, bar] of (state as readonly unknown[]).entries()) this.bars[index]?.load(bar);
  }
}

/**
 * After a restart: of what waits, only what was never attempted may still leave. Returns the orders that are recorded and wait
 * nowhere (a stop came between): they never will be sent, and must not look as if they were on their way.
 */
export function keepUnsent(outbox: Outbox, orders: Pick<LiveOrders, 'find' | 'values'>): readonly LiveOrder[] {
  const unsent = (errand: Errand): boolean =>
    errand.kind === 'cancel' || orders.find(errand.order.clientId)?.state === 'intended';
  const waiting = outbox.take().filter(unsent);
  outbox.putBack(waiting);
  const known = new Set(waiting.map((errand) => (errand.kind === 'submit' ? errand.order.clientId : undefined)));
  return [...orders.values()].filter(({ clientId, state }) => state === 'intended' && !known.has(clientId));
}

/** The newest bar of one instrument, reused for each. */
class PassingBar implements BarEvent {
  readonly kind = 'bar';
  readonly index: number;
  readonly instrument: Instrument['id'];
  ts = Number.NaN;
  open = 0;
  high = 0;
  low = 0;
  close = 0;
  volume = Number.NaN;
  flags = 0;
  spread = 0;
  readonly #usualSpread: number;

  constructor(index: number, instrument: Instrument) {
    this.index = index;
    this.instrument = instrument.id;
    this.#usualSpread = instrument.typicalSpread;
  }

  read({ ts, price, volume, flags, bid, ask }: BarBatch, row: number): void {
    this.ts = ts[row] ?? Number.NaN;
    this.open = price.open[row] ?? Number.NaN;
    this.high = price.high[row] ?? Number.NaN;
    this.low = price.low[row] ?? Number.NaN;
    this.close = price.close[row] ?? Number.NaN;
    this.volume = volume[row] ?? Number.NaN;
    this.flags = flags[row] ?? 0;
    const spread = (ask?.close[row] ?? Number.NaN) - (bid?.close[row] ?? Number.NaN);
    this.spread = Number.isNaN(spread) ? this.#usualSpread : spread;
  }

  save(): unknown {
    const { ts, open, high, low, close, spread } = this;
    return Number.isNaN(ts) ? null : { ts, open, high, low, close, spread };
  }

  load(state: unknown): void {
    if (state !== null) Object.assign(this, state);
  }
}
