import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OandaSandbox } from '../../../../src/brokers/oanda/sandbox/account.js';
import { serveSandbox } from '../../../../src/brokers/oanda/sandbox/server.js';
import { FaultyVenue } from '../../../../src/brokers/oanda/sandbox/venue.js';
import { seededRng } from '../../../../src/core/base/rng.js';
import { Dispatcher } from '../../../../src/core/dispatch/dispatcher.js';
import { OrderBook } from '../../../../src/core/engine/order-book.js';
import { type ClientId, clientId, instrumentId, orderId } from '../../../../src/core/model/ids.js';
import { instrumentOf } from '../../../../src/core/model/instruments.js';
import type { ApprovedOrder, OrderIntent } from '../../../../src/core/model/order.js';
import { LiveOrders } from '../../../../src/core/orders/live-orders.js';
import { isOrderRecord, type OrderRecord } from '../../../../src/core/orders/records.js';
import { engineEvents } from '../../../../src/core/orders/translate.js';
import { systemClock } from '../../../../src/core/ports/clock.js';
import type { Cursor, Venue } from '../../../../src/core/ports/venue.js';
import { assess } from '../../../../src/core/risk/gate.js';
import { noLimits } from '../../../../src/core/risk/presets.js';
import { Journal, type JournalRecord } from '../../../../src/core/state/books/journal.js';
import { httpClient } from '../../../../src/wire/http.js';
import type { Http, HttpRequest } from '../../../../src/wire/message.js';
import { retrying } from '../../../../src/wire/retry.js';
import { ACCOUNT, instruments } from '../../../helpers/oanda-sandbox.js';
import { aVenue } from '../../../helpers/oanda-wire.js';
import { type Column, columnOf, type Meddler, meddler, type Reply } from './meddler.js';

const EUR_USD = instrumentId('EUR/USD');
/** How long an answer that never comes is waited for: seconds prove nothing more. */
const SHORT_MS = 60;
/** The same for what the venue is to hear before: on a busy machine that takes a moment. */
const HEARD_MS = 400;
/** Units of every order. */
export const UNITS = 1_000;
/** Room for one order and not for two. */
const LIMITS = { ...noLimits, maxPositionBps: 150 };

const entry = (intent: Partial<OrderIntent>): OrderIntent => ({
  instrument: EUR_USD,
  side: 'buy',
  units: UNITS,
  type: 'market',
  timeInForce: 'FOK',
  reduceOnly: false,
  reason: 'a cell',
  ...intent,
});

/** The stand-in on loopback, the meddler before it, the adapter with the real network; books are made one a cell. */
export async function matrixDesk() {
  const clock = systemClock();
  const sandbox = new OandaSandbox({
    accounts: [{ id: ACCOUNT, currency: 'USD', balance: 1_000_000 }],
    instruments,
    seed: 1,
    start: clock.now(),
    settings: { requestsPerSecond: 1_000_000 },
  });
  const faulty = new FaultyVenue(sandbox);
  const quote = (bid: number): void =>
    faulty.price({ instrument: 'EUR_USD', bid, ask: Number((bid + 0.0002).toFixed(5)) }, clock.now());
  quote(1.1);
  const server = await serveSandbox({ venue: faulty, clock, tickMs: 20 });
  const between = await meddler(server.url);
  const network = new SpoiledNetwork(between.url);
  const wait = async () => undefined;
  const adapter = aVenue(retrying(network, { clock, wait, rng: seededRng('matrix') }), {
    clock,
    hosts: { rest: between.url, stream: between.url },
  });
  const root = mkdtempSync(join(tmpdir(), 'fxtrade-matrix-'));
  await adapter.instruments([EUR_USD]);
  return {
    between,
    adapter,
    quote,
    happen: (event: Parameters<OandaSandbox['happen']>[0]) => sandbox.happen(event, clock.now()),
    truth: () => sandbox.truth(),
    /** Spoils a column until it is told otherwise. */
    spoil(column?: Column, reply?: Reply): void {
      between.spoil(column, reply);
      network.spoiled = column === undefined || reply === undefined ? undefined : { column, reply };
    },
    book: () =>
      new MatrixBook(
        mkdtempSync(join(root, 'book-')),
        adapter,
        sandbox.truth().accounts[0]?.transactions.at(-1)?.['id'],
        between,
      ),
    async close() {
      network.close();
      await between.close();
      await server.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** The real network, told not to wait long where nothing will come, and led astray where nothing may leave. */
class SpoiledNetwork implements Http {
  spoiled: { readonly column: Column; readonly reply: Reply } | undefined;
  readonly #url: string;
  readonly #patient = httpClient();
  readonly #hasty = httpClient({ idleMs: SHORT_MS });

  constructor(url: string) {
    this.#url = url;
  }

  send(request: HttpRequest) {
    return this.#clientFor(request).send(this.#astray(request));
  }

  lines(request: HttpRequest, signal: AbortSignal) {
    return this.#clientFor(request).lines(this.#astray(request), signal);
  }

  close(): void {
    this.#patient.close();
    this.#hasty.close();
  }

  #endFor({ method, url }: HttpRequest): Reply['end'] {
    return columnOf(method, url) === this.spoiled?.column ? this.spoiled?.reply.end : undefined;
  }

  #clientFor(request: HttpRequest) {
    const end = this.#endFor(request);
    const isMute = this.spoiled?.reply.isMute === true;
    return end === 'silence' || end === 'trickle' || isMute ? this.#hasty : this.#patient;
  }

  #astray(request: HttpRequest): HttpRequest {
    const end = this.#endFor(request);
    const at = (url: string) => ({ ...request, url: request.url.replace(this.#url, url) });
    if (end === 'refused') return at('http://127.0.0.1:1');
    if (end === 'no-name') return at('https://nowhere.invalid');
    if (end === 'no-tls') return at(this.#url.replace('http:', 'https:'));
    const deadlineMs = request.method === 'GET' ? SHORT_MS : HEARD_MS;
    return end === 'silence' || end === 'trickle' ? { ...request, deadlineMs } : request;
  }
}

/** A session's order side without its engine: journal, fold, dispatcher, and what the risk gate would count. */
export class MatrixBook {
  readonly orders = new LiveOrders();
  readonly dispatcher: Dispatcher;
  /** What the adapter made of the answers. */
  readonly outcomes: string[] = [];
  readonly asked: string[] = [];
  mono = 0;
  units = 0;
  #cursor: Cursor;
  #count = 0;
  readonly #folder: string;
  readonly #journal: Journal;
  readonly #working = new OrderBook({ opened: () => undefined, closed: () => undefined });
  readonly #between: Meddler;

  constructor(folder: string, venue: Venue, cursor: unknown, between: Meddler) {
    this.#folder = folder;
    this.#journal = new Journal(folder);
    this.#cursor = String(cursor);
    this.#between = between;
    this.dispatcher = new Dispatcher({
      venue: {
        rules: venue.rules,
        lookUp: (id, since) => venue.lookUp(id, since),
        history: (since) => venue.history(since),
        submit: (order, mayLeave) => this.#heard(venue.submit(order, mayLeave)),
        cancel: (order) => this.#heard(venue.cancel(order)),
      },
      orders: this.orders,
      stopwatch: { mono: () => this.mono },
      note: (record) => this.#note(record),
      durable: () => this.#journal.flush(true),
      fence: async () => () => undefined,
      stops: () => undefined,
      cursor: () => this.#cursor,
      advance: (next) => {
        this.#cursor = next;
      },
      askPerson: ({ clientId: id }) => this.asked.push(id),
    });
  }

  /** Records an order; nothing leaves. */
  record(intent: Partial<OrderIntent> = {}): ApprovedOrder {
    const name = `${this.#folder.slice(-6)}${++this.#count}`.toUpperCase().replace(/[^A-Z2-7]/g, 'A');
    const order = {
      id: orderId(`o-${this.#count}`),
      clientId: clientId(`fxmx${name.padStart(16, 'A').slice(-16)}`),
      createdAt: 0,
      intent: entry(intent),
    };
    this.#note({ type: 'submit', order });
    this.#journal.flush(true);
    const { id, createdAt } = order;
    const own = { status: 'working', filledUnits: 0, averagePrice: 0, reason: '' } as const;
    this.#working.add({ id, clientId: order.clientId, createdAt, intent: order.intent, ...own });
    return order as unknown as ApprovedOrder;
  }

  /** A person looked at the account and found nothing. */
  settleByPerson(id: ClientId): void {
    this.#note({ type: 'never-arrived', clientId: id, proof: 'a person looked' });
    this.#journal.flush(true);
  }

  /** Types of the records that are safe on disk. */
  records(): string[] {
    const lines = readFileSync(join(this.#folder, 'journal.ndjson'), 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => String((JSON.parse(line) as { r: JournalRecord }).r['type']));
  }

  /** The same orders, folded from what is on disk: what a restart, `halt` and an auditor see. */
  folded(): LiveOrders {
    const orders = new LiveOrders();
    const lines = readFileSync(join(this.#folder, 'journal.ndjson'), 'utf8').split('\n').slice(0, -1);
    for (const line of lines) {
      const record = (JSON.parse(line) as { r: JournalRecord }).r;
      if (isOrderRecord(record)) orders.apply(record, 0);
    }
    return orders;
  }

  /** True when the gate leaves no room for a second order of the same size. */
  counts(): boolean {
    const instrument = instrumentOf('EUR/USD', {}, 'USD');
    const view = {
      instrument,
      units: this.units,
      pendingUnits: this.#working.pendingUnits(EUR_USD),
      pendingSides: this.#working.pendingSides(EUR_USD),
      price: 1.1,
      spread: 0.0002,
      quoteToAccount: 1,
      quoteAgeMs: 0,
      timeframeMs: 0,
      dailyReturns: new Float64Array(0),
    };
    const book = {
      now: 0,
      equity: 100_000,
      marginUsed: 0,
      currency: 'USD',
      instruments: new Map([[EUR_USD, view]]),
      newPositionsToday: 0,
      ordersLastMinute: 0,
      recentIntents: [],
      blocked: [],
      nothingMayLeave: false,
      carryBook: false,
    };
    return assess(LIMITS, [entry({})], book)[0]?.kind === 'refused';
  }

  /** Requests that leave while something is done. */
  async leaving(act: () => Promise<unknown>): Promise<readonly string[]> {
    const before = this.#between.seen.length;
    await act();
    return this.#between.seen.slice(before);
  }

  /** Asks until the venue has said what became of it, or only a person can. */
  async resolved(): Promise<void> {
    for (let due = this.dispatcher.nextLookInMs; due !== undefined; due = this.dispatcher.nextLookInMs) {
      // After the first looks the window is over at once.
      this.mono = this.mono > 1_000 ? Math.max(this.mono + due, 40_000) : this.mono + due;
      await this.dispatcher.resolve();
    }
  }

  durable(): void {
    this.#journal.flush(true);
  }

  close(): void {
    this.#journal.close();
  }

  async #heard<T extends { readonly kind: string }>(outcome: Promise<T>): Promise<T> {
    const { kind } = await outcome;
    this.outcomes.push(kind);
    return outcome;
  }

  /** As the session does it: recorded, folded, told in the engine's words. */
  #note(record: OrderRecord): void {
    const { type, ...fields } = record;
    this.#journal.append(0, type, fields);
    const events = engineEvents(this.orders.apply(record, 0), 0, {
      hasOrder: (id) => this.#working.find(id) !== undefined,
      trades: () => true,
    });
    for (const event of events) {
      if (event.kind === 'fill') this.#working.fill(event.fill);
      const isFill = event.kind === 'fill' || event.kind === 'late-fill';
      if (isFill && event.fill.instrument === EUR_USD) {
        this.units += event.fill.side === 'buy' ? event.fill.units : -event.fill.units;
      }
      if (event.kind === 'cancelled' || event.kind === 'expired' || event.kind === 'rejected') {
        this.#working.end(event.orderId, event.kind, event.reason);
      }
    }
  }
}
