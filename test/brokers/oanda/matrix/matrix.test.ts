import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { followStreams } from '../../../../src/commands/session/live/market/streams.js';
import { FxError } from '../../../../src/core/base/errors.js';
import type { ApprovedOrder } from '../../../../src/core/model/order.js';
import { isFinal } from '../../../../src/core/orders/live-orders.js';
import { findBreaks } from '../../../../src/core/orders/reconcile.js';
import { madePart } from '../../../helpers/golden-text.js';
import { asTable, type Cell, type Row } from './cells.js';
import { type MatrixBook, matrixDesk, UNITS } from './desk.js';
import { REPLIES } from './replies.js';

let desk: Awaited<ReturnType<typeof matrixDesk>>;
beforeAll(async () => {
  desk = await matrixDesk();
});
afterAll(() => desk.close());

const wordsOf = (records: readonly string[]): string => (records.length === 0 ? 'nothing' : records.join(' '));

/** What the stand-in's own ledger has of an order. */
function there({ clientId }: ApprovedOrder): Cell['there'] | 'twice' {
  const { orders, fills } = desk.truth();
  const [one, other] = orders.filter((order) => order.clientId === clientId);
  if (other !== undefined) return 'twice';
  if (one === undefined) return 'nothing';
  if (one.state === 'REFUSED') return 'refused';
  const filled = fills.filter((fill) => fill.orderId === one.id).reduce((sum, fill) => sum + fill.units, 0);
  if (filled === 0) return one.state === 'CANCELLED' ? 'cancelled' : 'nothing';
  return filled === UNITS ? 'filled' : 'half filled';
}

/** Our side against the ledger of the stand-in: differences are only there where the venue told lies. */
function differs(book: MatrixBook, order: ApprovedOrder): boolean {
  const { orders, fills } = desk.truth();
  const { instrument } = order.intent;
  const own = fills.filter((fill) => fill.clientId === order.clientId);
  const units = own.reduce((sum, fill) => sum + fill.units, 0);
  const positions = units === 0 ? [] : [{ instrument, units, averagePrice: 1, unrealizedPnl: 0 }];
  const working = orders.filter((one) => one.clientId === order.clientId && one.state === 'PENDING');
  const breaks = findBreaks(
    { cash: 0, positions: new Map([[instrument, book.units]]), orders: [...book.orders.values()] },
    { cash: 0, positions, orders: [] },
    { lotStep: () => 1, cashDigits: 4 },
  );
  expect(working).toEqual([]);
  return breaks.length > 0;
}

/** The order itself never leaves again, whatever is known of it. */
async function neverAgain(book: MatrixBook, order: ApprovedOrder): Promise<void> {
  const left = await book.leaving(async () => {
    await expect(book.dispatcher.send(order)).rejects.toThrow('an order is sent once');
  });
  expect(left).toEqual([]);
}

/** What is on disk tells the same as what is in memory. */
function asOnDisk(book: MatrixBook, order: ApprovedOrder): void {
  const [live, disk] = [book.orders, book.folded()].map((orders) => orders.find(order.clientId));
  expect([disk?.state, disk?.filledUnits]).toEqual([live?.state, live?.filledUnits]);
}

const HALF = { timeInForce: 'IOC' } as const;
const TOO_LARGE = { units: 1_000_000_000 } as const;
const NO_MARGIN = { units: 99_000_000 } as const;

function prepared(book: MatrixBook, before: Row['before']): ApprovedOrder {
  if (before === 'the market is halted') desk.happen({ kind: 'halt', instrument: 'EUR_USD', halted: true });
  if (before === 'half can be had') desk.happen({ kind: 'next-fill-share', share: 0.5 });
  if (before === 'half can be had') return book.record(HALF);
  if (before === 'too large') return book.record(TOO_LARGE);
  return before === 'no margin' ? book.record(NO_MARGIN) : book.record();
}

async function mayLeaveNext(book: MatrixBook, order: ApprovedOrder, { next }: Cell): Promise<void> {
  const { dispatcher } = book;
  const live = book.orders.find(order.clientId);
  await neverAgain(book, order);
  switch (next) {
    case 'look-ups':
      expect(dispatcher.nextLookInMs).toBeDefined();
      break;
    case 'what reduces':
    case 'a new decision':
    case 'anything':
      expect(dispatcher.nextLookInMs).toBeUndefined();
      expect(isFinal(live?.state ?? 'intended')).toBe(true);
      expect(await book.leaving(() => dispatcher.cancel(order.clientId, 'again'))).toEqual([]);
      break;
    case 'the same cancel': {
      const left = await book.leaving(() => dispatcher.cancel(order.clientId, 'again'));
      expect(left[0]).toMatch(/^PUT .*\/cancel$/);
      expect(book.counts()).toBe(false);
      break;
    }
    default:
  }
}

const NOTHING_LEAVES: ReadonlySet<Row['reply']['end']> = new Set(['refused', 'no-name', 'no-tls']);

describe('a reply to an order', () => {
  it.each(REPLIES)('$name: $submit.outcome', async ({ reply, before, submit }) => {
    const book = desk.book();
    const order = prepared(book, before);
    const first = desk.between.seen.length;
    desk.spoil('submit', reply);
    await book.dispatcher.send(order);
    desk.spoil();
    desk.happen({ kind: 'halt', instrument: 'EUR_USD', halted: false });
    expect(book.outcomes).toEqual([submit.outcome]);
    expect(wordsOf(book.records().slice(2))).toBe(submit.record);
    expect(book.counts()).toBe(submit.counts === 'counts');
    asOnDisk(book, order);
    await mayLeaveNext(book, order, submit);
    const known = book.records().length;
    if (reply.reach === 'late') await arrivesLate(book);
    await book.resolved();
    const then = book.asked.length > 0 ? 'a person' : wordsOf(book.records().slice(known));
    expect(then).toBe(submit.later ?? 'nothing');
    expect(there(order)).toBe(submit.there);
    if (then === 'a person') {
      expect(book.counts()).toBe(true);
      book.settleByPerson(order.clientId);
    }
    expect(book.counts()).toBe(submit.there === 'filled' || submit.there === 'half filled');
    expect(differs(book, order)).toBe(false);
    await neverAgain(book, order);
    asOnDisk(book, order);
    const posts = desk.between.seen.slice(first).filter((one) => one.startsWith('POST'));
    expect(posts).toHaveLength(NOTHING_LEAVES.has(reply.end) ? 0 : 1);
    book.close();
  });

  async function arrivesLate(book: MatrixBook): Promise<void> {
    for (let look = 0; look < 2; look++) {
      book.mono += book.dispatcher.nextLookInMs ?? 0;
      await book.dispatcher.resolve();
    }
    expect(book.orders.inDoubt()).toHaveLength(1);
    await desk.between.deliverLate();
  }
});

describe('a reply to a cancel', () => {
  it.each(REPLIES)('$name: $cancel.outcome', async ({ reply, cancel }) => {
    const book = desk.book();
    const order = book.record({ type: 'limit', price: 1, timeInForce: 'GTC' });
    await book.dispatcher.send(order);
    const known = book.records().length;
    desk.spoil('cancel', reply);
    await book.dispatcher.cancel(order.clientId, 'a change of mind');
    desk.spoil();
    expect(book.outcomes.slice(1)).toEqual([cancel.outcome]);
    expect(wordsOf(book.records().slice(known))).toBe(cancel.record);
    expect(book.counts()).toBe(cancel.counts === 'counts');
    asOnDisk(book, order);
    if (reply.reach === 'late') {
      const before = book.records().length;
      await desk.between.deliverLate();
      await book.dispatcher.pull();
      expect(wordsOf(book.records().slice(before))).toBe(cancel.later);
    } else await mayLeaveNext(book, order, cancel);
    expect(there(order)).toBe(cancel.there);
    expect(book.counts()).toBe(false);
    expect(differs(book, order)).toBe(false);
    await neverAgain(book, order);
    book.close();
  });
});

/** A value, or the code of the only kind of error that a read may throw. */
async function outcomeOf(read: () => Promise<unknown>): Promise<string> {
  try {
    await read();
    return 'value';
  } catch (error) {
    if (error instanceof FxError) return error.code;
    throw error;
  }
}

describe('a reply to a look-up', () => {
  it.each(REPLIES)('$name: $query.outcome', async ({ reply, query }) => {
    const book = desk.book();
    const order = book.record();
    desk.spoil('submit', { end: 'reset' });
    await book.dispatcher.send(order);
    const known = book.records().length;
    desk.spoil('query', reply);
    book.mono += 250;
    await book.dispatcher.resolve();
    expect(await outcomeOf(() => book.dispatcher.pull())).toBe(query.outcome);
    desk.spoil();
    expect(wordsOf(book.records().slice(known))).toBe(query.record);
    expect(book.counts()).toBe(query.counts === 'counts');
    asOnDisk(book, order);
    await neverAgain(book, order);
    const before = book.records().length;
    // The same look, when the venue can be read again.
    await book.resolved();
    if (query.later !== 'a break') expect(wordsOf(book.records().slice(before))).toBe(query.later ?? 'nothing');
    expect(there(order)).toBe(query.there);
    expect(differs(book, order)).toBe(query.later === 'a break');
    if (query.next === 'anything' && query.later === undefined) await mayLeaveNext(book, order, query);
    book.close();
  });
});

describe('a reply on the stream', () => {
  it.each(REPLIES)('$name: $stream.outcome', async ({ reply, stream }) => {
    const book = desk.book();
    const order = book.record({ type: 'limit', price: 1, timeInForce: 'GTC' });
    await book.dispatcher.send(order);
    const known = book.records().length;
    desk.spoil('stream', reply);
    const opened = desk.between.opened();
    const listening = listen(book);
    const isOpen = (): boolean => desk.between.opened() > opened || listening.ends.length > 0;
    await vi.waitFor(() => expect(isOpen()).toBe(true), { timeout: 10_000, interval: 2 });
    desk.quote(0.99);
    desk.quote(1.1);
    const spoke = (): boolean => book.records().length > known || listening.ends.length > 0;
    await vi.waitFor(() => expect(spoke()).toBe(true), { timeout: 10_000, interval: 2 });
    expect(listening.ends[0] ?? 'value').toBe(stream.outcome);
    expect(wordsOf(book.records().slice(known))).toBe(stream.record);
    expect(book.counts()).toBe(stream.counts === 'counts');
    asOnDisk(book, order);
    desk.spoil();
    const before = book.records().length;
    listening.goOn();
    if (stream.next === 'the stream again, and a read') {
      await vi.waitFor(() => expect(listening.pulls).toBe(2), { timeout: 10_000, interval: 2 });
      await book.dispatcher.pull();
      expect(wordsOf(book.records().slice(before))).toBe(stream.later);
    } else await book.dispatcher.pull();
    listening.stop();
    await listening.over;
    expect(there(order)).toBe(stream.there);
    expect(differs(book, order)).toBe(stream.later === 'a break');
    await neverAgain(book, order);
    book.close();
  });

  /** As the session listens; what ends a stream is kept, and it goes on when it is told to. */
  function listen(book: MatrixBook) {
    const stop = new AbortController();
    const ends: string[] = [];
    let goOn: () => void = () => undefined;
    const released = new Promise<void>((done) => {
      goOn = done;
    });
    const heard = { pulls: 0 };
    const { adapter } = desk;
    const over = followStreams({
      venue: {
        ...adapter,
        async *quotes(_ids, signal) {
          yield* [];
          await new Promise<void>((done) => signal.addEventListener('abort', () => done()));
        },
        async *events(signal) {
          try {
            yield* adapter.events(signal);
          } catch (error) {
            ends.push(error instanceof FxError ? error.code : String(error));
            throw error;
          }
        },
      } as typeof adapter,
      instruments: [],
      quotes: { hear: () => undefined } as never,
      stopwatch: { mono: () => 0 },
      signal: stop.signal,
      pause: () => released,
      heard: (event) => {
        if (event === undefined) heard.pulls++;
        else book.dispatcher.hear(event);
        book.durable();
      },
      heardOf: () => undefined,
      told: () => undefined,
    });
    return {
      ends,
      over,
      goOn: () => goOn(),
      stop: () => stop.abort(),
      get pulls() {
        return heard.pulls;
      },
    };
  }
});

describe('an order that is not what was recorded', () => {
  it.each([{ units: 4_000 }, { side: 'sell' }, { type: 'limit', price: 1 }] as const)(
    'never leaves: %o',
    async (other) => {
      const book = desk.book();
      const order = book.record();
      const grown = { ...order, intent: { ...order.intent, ...other } } as ApprovedOrder;
      const left = await book.leaving(async () => {
        await expect(book.dispatcher.send(grown)).rejects.toThrow('no order leaves that is more than the journal says');
      });
      expect(left).toEqual([]);
      expect(wordsOf(book.records())).toBe('submit');
      book.close();
    },
  );
});

describe('the matrix', () => {
  it('has more than thirty replies, each under its own name', () => {
    expect(REPLIES.length).toBeGreaterThanOrEqual(30);
    expect(new Set(REPLIES.map(({ name }) => name)).size).toBe(REPLIES.length);
  });

  it('leaves nothing behind in what every object has', () => {
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect('spoiled' in {}).toBe(false);
  });

  it('stands in docs/brokers.md', () => {
    const made = asTable(REPLIES);
    expect(madePart('docs/brokers.md', 'matrix', made)).toBe(made);
  });
});
