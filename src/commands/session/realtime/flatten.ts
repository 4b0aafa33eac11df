import type { Effect } from '../../../core/engine/effect.js';
import type { BrokerEvent, EngineEvent } from '../../../core/model/event.js';
import type { EpochMs, InstrumentId } from '../../../core/model/ids.js';
import type { Order } from '../../../core/model/order.js';
import type { Desk } from '../desk.js';

/** The recorded input that brings a book to nothing. */
export interface FlattenInput {
  readonly who: string;
  readonly reason: string;
}

/** A position that was closed. */
export interface HeldPosition {
  readonly instrument: InstrumentId;
  /** Signed. */
  readonly units: number;
  /** What it was closed at, costs included; null when nothing closed it. */
  readonly price: number | null;
  /** Last mid before. */
  readonly mid: number;
}

/** What a book held when it was flattened. */
export interface HeldBefore {
  readonly positions: readonly HeldPosition[];
  readonly orders: readonly Pick<Order, 'id' | 'clientId' | 'intent' | 'filledUnits'>[];
}

/** Told of everything before it is carried out. */
export interface FlattenJournal {
  event(event: BrokerEvent): void;
  effect(ts: EpochMs, effect: Effect): void;
}

export function isFlat({ engine }: Pick<Desk, 'engine'>): boolean {
  return engine.ledger.openIndexes.length + engine.orders.size === 0;
}

/**
 * Ends every order, also those that wait for a person, and closes every position at the last known price. The strategy is
 * not asked. What it does follows from the desk and its arguments alone.
 */
export function flattenDesk(
  desk: Desk,
  now: EpochMs,
  { who, reason }: FlattenInput,
  journal: FlattenJournal,
): HeldBefore {
  const { engine, broker, recorder } = desk;
  // The bars before it have their row of equity first, whether or not a second of silence has ended them already.
  engine.finish();
  const orders = [...engine.orders.values()].map(({ id, clientId, intent, filledUnits }) => {
    return { id, clientId, intent, filledUnits };
  });
  const { ledger } = engine;
  const held = ledger.openIndexes.flatMap((index) => {
    const instrument = ledger.ids[index];
    return instrument === undefined ? [] : { instrument, units: ledger.units(index), mid: engine.priceOf(index) };
  });
  const prices = new Map<InstrumentId, number>();
  const tell = (event: EngineEvent): void => {
    for (const effect of engine.step(event)) {
      journal.effect(event.ts, effect);
      if (effect.kind === 'refused') recorder.refused(effect.failures.map(({ limit }) => limit));
    }
  };
  for (const { id } of [...engine.waiting]) tell({ kind: 'declined', ts: now, orderId: id, who, reason });
  const hear = (event: BrokerEvent): void => {
    journal.event(event);
    if (event.kind === 'fill') prices.set(event.fill.instrument, event.fill.price);
    tell(event);
  };
  for (const event of broker.flatten?.(reason) ?? []) hear(event);
  // An order that the venue does not know of would stay open for ever.
  for (const { id } of [...engine.orders.values()]) hear({ kind: 'cancelled', ts: engine.now, orderId: id, reason });
  return { positions: held.map((one) => ({ ...one, price: prices.get(one.instrument) ?? null })), orders };
}
