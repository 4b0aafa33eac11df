import { approveExit } from '../../../core/dispatch/approve-exit.js';
import type { Dispatcher } from '../../../core/dispatch/dispatcher.js';
import type { AccountReading } from '../../../core/dispatch/read-account.js';
import type { InstrumentId } from '../../../core/model/ids.js';
import { leftOver, protectiveOrder, type Unprotected, unprotected } from '../../../core/orders/protection.js';
import type { Inputs } from './inputs.js';
import type { LiveParts } from './live-parts.js';

export interface Protecting {
  readonly parts: LiveParts;
  readonly inputs: Inputs;
  readonly dispatcher: Dispatcher;
  /** Signed units that our fills add up to. */
  readonly held: ReadonlyMap<InstrumentId, number>;
  /** Instruments that are left as they are: they differ, or an order of theirs is in doubt. */
  readonly unclear: ReadonlySet<InstrumentId>;
}

/** Puts a stop where there is none, and takes back the stops of nothing. The reading is fresh. */
export async function protectHeld({ theirs }: AccountReading, desk: Protecting): Promise<void> {
  const { parts, dispatcher, held, unclear } = desk;
  const { orders } = parts.book;
  const clear = theirs.orders.filter(({ instrument }) => !unclear.has(instrument));
  for (const order of leftOver(held, clear, ({ venueId }) => orders.byVenueId(venueId) !== undefined)) {
    const own = orders.byVenueId(order.venueId);
    if (own !== undefined) await dispatcher.cancel(own.clientId, 'nothing is held that it could close');
  }
  const { requireStop, defaultStopBps } = parts.prepared.loaded.settings.risk;
  if (!requireStop || defaultStopBps === null) return;
  const gaps = unprotected(held, theirs.orders).filter(({ instrument }) => !unclear.has(instrument));
  for (const gap of gaps) await protectOne(gap, defaultStopBps, desk);
}

async function protectOne(gap: Unprotected, stopBps: number, { parts, inputs, dispatcher }: Protecting): Promise<void> {
  const { book, venue, clock, market, onEvent, mint } = parts;
  const { ledger } = book.desk.engine;
  onEvent('unprotected', { ...gap });
  const [quote] = await venue.latestQuotes([gap.instrument]);
  const instrument = market.instruments.find(({ id }) => id === gap.instrument);
  if (quote === undefined || instrument === undefined) return;
  const averagePrice = ledger.averagePrice(ledger.indexOf(gap.instrument));
  const intent = protectiveOrder(gap, instrument, { ...quote, averagePrice }, stopBps);
  const order = approveExit(intent, gap.held, instrument, clock.now(), () => mint());
  if (typeof order === 'string') return;
  inputs.own(order);
  await dispatcher.send(order);
}
