import type { EpochMs } from '../../model/ids.js';
import type { OrderIntent } from '../../model/order.js';
import type { VenueEvent } from '../../ports/venue.js';
import { type LooseRecord, OUTSIDE, readLoosely } from './order-log.js';

/** A position as a book's journal adds it up. */
export interface HeldPosition {
  readonly instrument: string;
  /** Signed. */
  readonly units: number;
  readonly averagePrice: number;
}

/** An order that the book believes to work. */
export interface HeldOrder {
  readonly orderId: string;
  readonly clientId: string | null;
  readonly instrument: string;
  readonly side: string;
  readonly units: number;
  readonly filledUnits: number;
  readonly type: string;
  readonly price: number | null;
  readonly stopPrice: number | null;
  readonly reduceOnly: boolean;
}

/** A latch or breaker of the risk book that is closed. */
export interface HeldBlock {
  readonly key: string;
  readonly message: string;
  /** Null: until somebody resumes. */
  readonly until: string | null;
}

/** What a book holds, as its journal says. */
export interface Holdings {
  readonly positions: readonly HeldPosition[];
  readonly orders: readonly HeldOrder[];
  readonly blocks: readonly HeldBlock[];
  /** Differences to the venue that were found last, in words. */
  readonly breaks: readonly string[];
  /** Close of the newest bar that was worked through. */
  readonly barAt: EpochMs | undefined;
  readonly writtenAt: EpochMs | undefined;
  readonly badLines: number;
}

interface Working {
  order: HeldOrder;
}

const ENDED: ReadonlySet<string> = new Set(['cancelled', 'rejected', 'expired']);

/** Adds up the journal of a book, also while its session writes it, also a damaged one as far as it can be read. */
export function readHoldings(folder: string): Holdings {
  const fold = new Fold();
  let badLines = 0;
  try {
    badLines = readLoosely(
      folder,
      () => true,
      (record, ts) => fold.apply(record, ts),
    );
  } catch {
    badLines = 1;
  }
  return fold.result(badLines);
}

class Fold {
  readonly #positions = new Map<string, { units: number; averagePrice: number }>();
  readonly #orders = new Map<string, Working>();
  readonly #blocks = new Map<string, HeldBlock>();
  /** Executions that were told outside of the session. */
  readonly #booked = new Set<string>();
  #breaks: readonly string[] = [];
  #barAt: EpochMs | undefined;
  #writtenAt: EpochMs | undefined;

  apply(record: LooseRecord, ts: EpochMs): void {
    this.#writtenAt = Math.max(this.#writtenAt ?? ts, ts);
    const type = String(record['type']);
    if (ENDED.has(type)) this.#orders.delete(String(record['orderId']));
    else this.#steps[type]?.(record, ts);
  }

  result(badLines: number): Holdings {
    const now = this.#writtenAt ?? 0;
    return {
      positions: [...this.#positions].map(([instrument, held]) => ({ instrument, ...held })),
      orders: [...this.#orders.values()].map(({ order }) => order),
      blocks: [...this.#blocks.values()].filter(({ until }) => until === null || Date.parse(until) > now),
      breaks: this.#breaks,
      barAt: this.#barAt,
      writtenAt: this.#writtenAt,
      badLines,
    };
  }

  readonly #steps: Readonly<Record<string, (record: LooseRecord, ts: EpochMs) => void>> = {
    fill: (record) => this.#filled(record),
    'late-fill': (record) => this.#filled(record),
    submit: ({ order }) => this.#works(order),
    child: ({ order }) => this.#works(order),
    trailed: ({ orderId, stopPrice }) => {
      const known = this.#orders.get(String(orderId));
      if (known !== undefined) known.order = { ...known.order, stopPrice: numberOf(stopPrice) };
    },
    adopted: ({ positions }) => {
      this.#positions.clear();
      for (const { instrument, units, averagePrice } of listOf<HeldPosition>(positions)) {
        if (units !== 0) this.#positions.set(instrument, { units, averagePrice });
      }
    },
    split: ({ instrument, ratio }) => {
      const held = this.#positions.get(String(instrument));
      if (held === undefined || !(Number(ratio) > 0)) return;
      held.units *= Number(ratio);
      held.averagePrice /= Number(ratio);
    },
    bars: ({ input }, ts) => {
      this.#barAt = numberOf((input as { until?: unknown } | undefined)?.until) ?? ts;
    },
    latch: ({ key, message }) =>
      this.#blocks.set(`latch ${key}`, { key: String(key), message: String(message), until: null }),
    breaker: ({ key, message, until }) => {
      const end = numberOf(until);
      const told = {
        key: String(key),
        message: String(message),
        until: end === null ? null : new Date(end).toISOString(),
      };
      this.#blocks.set(`breaker ${key}`, told);
    },
    // What a close-all was told; the session hears it again later, and then it is no second fill.
    [OUTSIDE]: ({ record }) => {
      const event = (record as { event?: VenueEvent } | undefined)?.event;
      if (event?.kind !== 'filled' || this.#booked.has(event.id)) return;
      this.#booked.add(event.id);
      this.#book(event.instrument, event.side === 'buy' ? event.units : -event.units, event.price);
    },
    resumed: () => {
      for (const [name] of this.#blocks) if (name.startsWith('latch ')) this.#blocks.delete(name);
    },
    reconciled: ({ breaks }) => {
      this.#breaks = listOf<{ message?: unknown }>(breaks).map(({ message }) => String(message));
    },
  };

  #works(value: unknown): void {
    const order = value as { id?: unknown; clientId?: unknown; intent?: OrderIntent } | undefined;
    const intent = order?.intent;
    if (order === undefined || intent === undefined) return;
    const { instrument, side, units, type, price, stopPrice, reduceOnly } = intent;
    const orderId = String(order.id);
    this.#orders.set(orderId, {
      order: {
        orderId,
        clientId: typeof order.clientId === 'string' && order.clientId !== '' ? order.clientId : null,
        instrument,
        side,
        units,
        filledUnits: 0,
        type,
        price: price ?? null,
        stopPrice: stopPrice ?? null,
        reduceOnly,
      },
    });
  }

  #filled(record: LooseRecord): void {
    const fill = record['fill'] as Readonly<Record<string, unknown>> | undefined;
    if (fill === undefined || this.#booked.has(String(fill['executionId']))) return;
    const [units, price] = [numberOf(fill['units']), numberOf(fill['price'])];
    if (units === null || price === null) return;
    this.#book(String(fill['instrument']), fill['side'] === 'buy' ? units : -units, price);
    const orderId = String(fill['orderId']);
    const known = this.#orders.get(orderId);
    if (known === undefined) return;
    known.order = { ...known.order, filledUnits: known.order.filledUnits + units };
    if (known.order.filledUnits >= known.order.units * (1 - 1e-9)) this.#orders.delete(orderId);
  }

  #book(instrument: string, delta: number, price: number): void {
    const { units, averagePrice } = this.#positions.get(instrument) ?? { units: 0, averagePrice: 0 };
    const after = units + delta;
    // What is left of two sizes that were added up in floats is not a position.
    if (Math.abs(after) <= 1e-9 * Math.max(Math.abs(units), Math.abs(delta))) {
      this.#positions.delete(instrument);
      return;
    }
    const grows = units === 0 || units * delta > 0;
    const turns = units * after < 0;
    const average = grows ? (averagePrice * units + price * delta) / after : turns ? price : averagePrice;
    this.#positions.set(instrument, { units: after, averagePrice: average });
  }
}

const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

const listOf = <T>(value: unknown): readonly T[] => (Array.isArray(value) ? (value as T[]) : []);
