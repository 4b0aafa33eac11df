import { describe, expect, it } from 'vitest';
import { Dispatcher } from '../../../src/core/dispatch/dispatcher.js';
import { clientId, instrumentId, orderId } from '../../../src/core/model/ids.js';
import type { ApprovedOrder } from '../../../src/core/model/order.js';
import { LiveOrders } from '../../../src/core/orders/live-orders.js';
import type { OrderRecord } from '../../../src/core/orders/records.js';
import type { Stopwatch } from '../../../src/core/ports/clock.js';
import type { LookUp, VenueRules } from '../../../src/core/ports/venue.js';

const WINDOW = 30_000;
const RULES: VenueRules = {
  clientIds: 'unique-while-open',
  settleWindowMs: WINDOW,
  lateRequestsExpire: false,
  cashDigits: 2,
  reduceOnly: true,
  inFlightWindowMs: 1000,
};

/** One machine, on which a program is killed and started again: what it has journalled stays, and its stopwatch goes on. */
class Machine {
  now = 5_000_000;
  boot = 'first';
  readonly journal: OrderRecord[] = [];
  readonly asked: string[] = [];
  looks = 0;
  readonly cancels: number[] = [];
  answer: LookUp = { kind: 'absent' };

  start({ knowsBoot = true } = {}): Dispatcher {
    const orders = new LiveOrders();
    for (const record of this.journal) orders.apply(record, 0);
    const mono = () => this.now;
    const stopwatch: Stopwatch = knowsBoot ? { mono, boot: this.boot } : { mono };
    return new Dispatcher({
      venue: {
        rules: RULES,
        submit: async () => ({ kind: 'unresolved', why: 'silence' }),
        cancel: async () => {
          this.cancels.push(this.now);
          return { kind: 'unresolved', why: 'silence' };
        },
        lookUp: async () => {
          this.looks++;
          return this.answer;
        },
        history: async (since) => ({ events: [], cursor: since }),
      },
      orders,
      stopwatch,
      note: (record) => {
        this.journal.push(record);
        orders.apply(record, 0);
      },
      durable: () => undefined,
      fence: async () => () => undefined,
      stops: () => undefined,
      cursor: () => '1',
      advance: () => undefined,
      askPerson: ({ clientId: id }) => this.asked.push(id),
    });
  }

  /** Looks as often as is due for so long, then the process is killed. */
  async live(dispatcher: Dispatcher, ms: number): Promise<void> {
    const end = this.now + ms;
    for (let due = dispatcher.nextLookInMs; due !== undefined; due = dispatcher.nextLookInMs) {
      if (this.now + due > end) break;
      this.now += due;
      await dispatcher.resolve();
    }
    this.now = end;
  }
}

async function inDoubt(options?: { readonly knowsBoot: boolean }): Promise<Machine> {
  const machine = new Machine();
  const order = {
    id: orderId('o-1'),
    clientId: clientId('fxlvAAAA'),
    createdAt: 0,
    intent: {
      instrument: instrumentId('EUR/USD'),
      side: 'buy',
      units: 1,
      type: 'market',
      timeInForce: 'FOK',
      reduceOnly: false,
      reason: 'test',
    },
  } as const;
  machine.journal.push({ type: 'submit', order });
  await machine.start(options).send(order as unknown as ApprovedOrder);
  expect(machine.journal.at(-1)).toMatchObject({ type: 'unresolved' });
  return machine;
}

describe('an order in doubt in a program that is started again and again', () => {
  it('is a question for a person after the window, though no process lived that long', async () => {
    const machine = await inDoubt();
    for (let lived = 0; lived < WINDOW; lived += 6_000) {
      await machine.live(machine.start(), 6_000);
      expect(machine.asked).toEqual([]);
    }

    await machine.live(machine.start(), 6_000);

    expect(machine.asked).toEqual(['fxlvAAAA']);
  });

  it('is looked up twice by each process before anybody is asked, and not at once', async () => {
    const machine = await inDoubt();
    machine.now += 10 * WINDOW;
    const dispatcher = machine.start();

    expect(dispatcher.nextLookInMs).toBe(250);
    await machine.live(dispatcher, 749);
    expect([machine.looks, machine.asked.length]).toEqual([1, 0]);
    await machine.live(dispatcher, 1_000);
    expect([machine.looks, machine.asked.length]).toEqual([2, 1]);
  });

  it('is found, however late', async () => {
    const machine = await inDoubt();
    machine.now += 10 * WINDOW;
    machine.answer = { kind: 'found', venueId: '7', events: [] };

    await machine.live(machine.start(), 1_000);

    expect(machine.journal.at(-1)).toEqual({ type: 'accepted', clientId: 'fxlvAAAA', venueId: '7' });
    expect(machine.asked).toEqual([]);
  });

  it.each([
    ['the machine was started anew, whose stopwatch says nothing of before', 'second', true],
    ['the machine does not tell which start it is', 'first', false],
  ])('waits the whole window again where %s', async (_, boot, knowsBoot) => {
    const machine = await inDoubt({ knowsBoot });
    machine.boot = boot;
    machine.now += 10 * WINDOW;
    const dispatcher = machine.start({ knowsBoot });

    await machine.live(dispatcher, WINDOW - 1);
    expect(machine.asked).toEqual([]);
    await machine.live(dispatcher, 20_000);
    expect(machine.asked).toHaveLength(1);
  });

  it('waits the whole window again where the stopwatch stands before the send', async () => {
    const machine = await inDoubt();
    machine.now -= 4_000_000;
    const dispatcher = machine.start();

    await machine.live(dispatcher, WINDOW - 1);
    expect(machine.asked).toEqual([]);
    await machine.live(dispatcher, 20_000);
    expect(machine.asked).toHaveLength(1);
  });
});

describe('an order that was to be taken back and still works', () => {
  async function workingOrder() {
    const machine = await inDoubt();
    machine.journal.push({ type: 'accepted', clientId: clientId('fxlvAAAA'), venueId: '7' });
    return machine;
  }

  /** A session's seconds, one look each. */
  async function seconds(machine: Machine, dispatcher: Dispatcher, count: number): Promise<readonly number[]> {
    const [begin, before] = [machine.now, machine.cancels.length];
    for (let second = 0; second < count; second++) {
      await dispatcher.cancelAgain();
      machine.now += 1_000;
    }
    return machine.cancels.slice(before).map((at) => (at - begin) / 1_000);
  }

  it('is asked for again, further apart each time, and at once by the next process', async () => {
    const machine = await workingOrder();
    const dispatcher = machine.start();
    await dispatcher.cancel(clientId('fxlvAAAA'), 'no more');
    expect(machine.cancels).toHaveLength(1);

    expect(await seconds(machine, dispatcher, 300)).toEqual([2, 6, 14, 30, 62, 122, 182, 242]);
    expect(await seconds(machine, machine.start(), 10)).toEqual([0, 2, 6]);
  });

  it('is left alone when it has ended, and where nobody asked', async () => {
    const machine = await workingOrder();
    const dispatcher = machine.start();
    expect(await seconds(machine, dispatcher, 5)).toEqual([]);
    await dispatcher.cancel(clientId('fxlvAAAA'), 'no more');
    dispatcher.hear({
      kind: 'cancelled',
      id: '8',
      ts: 0,
      venueId: '7',
      clientId: clientId('fxlvAAAA'),
      reason: 'client',
    });
    expect(await seconds(machine, dispatcher, 60)).toEqual([]);
  });

  it('that was in doubt when it was asked for is asked for again when it shows up', async () => {
    const machine = await inDoubt();
    const dispatcher = machine.start();
    await dispatcher.cancel(clientId('fxlvAAAA'), 'no more');
    expect(await seconds(machine, dispatcher, 5)).toEqual([]);
    dispatcher.hear({ kind: 'accepted', id: '8', ts: 0, venueId: '7', clientId: clientId('fxlvAAAA') });
    expect(await seconds(machine, dispatcher, 2)).toEqual([0]);
  });
});
