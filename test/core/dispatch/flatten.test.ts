import { describe, expect, it } from 'vitest';
import { clientId } from '../../../src/core/model/ids.js';
import { LiveOrders } from '../../../src/core/orders/live-orders.js';
import type { OrderRecord } from '../../../src/core/orders/records.js';
import { closeAllDesk, market } from '../../helpers/close-all-desk.js';

describe('flattening an account', () => {
  it('cancels every order, stops too, closes exactly what is held, and sees it flat twice', async () => {
    const { byHand, flatten, truth, records } = closeAllDesk(1, ['EUR/USD', 'GBP/USD']);
    byHand(market('EUR/USD', 1000, { stopLossOnFill: { price: '1.05000' } }));
    byHand(market('GBP/USD', -2500));
    byHand({ type: 'LIMIT', instrument: 'EUR_USD', units: '100', price: '1.00000' });
    const result = await flatten();
    expect(result).toMatchObject({ flat: true, residual: [], notCancelled: [], unknown: undefined });
    expect(result.closed).toMatchObject([
      { instrument: 'EUR/USD', units: 1000, orders: 1 },
      { instrument: 'GBP/USD', units: -2500, orders: 1 },
    ]);
    expect(result.cancelled.map(({ type }) => type).sort()).toEqual(['limit', 'stop']);
    expect(truth().positions).toEqual([]);
    expect(truth().orders.filter(({ state }) => state === 'PENDING')).toEqual([]);
    const own = records.filter(({ type }) => type !== 'venue').map(({ type }) => type);
    expect(own.slice(0, 2)).toEqual(['submit', 'submit']);
    expect(own.filter((type) => type === 'attempt')).toHaveLength(2);
  });

  it('an account that is flat already sends nothing', async () => {
    const { flatten, truth } = closeAllDesk(1, ['EUR/USD']);
    expect(await flatten()).toMatchObject({ flat: true, closed: [], residual: [] });
    expect(truth().orders).toEqual([]);
  });

  it('in a market that is shut nothing is queued, and the rest is closed', async () => {
    const { byHand, flatten, truth, sandbox, now } = closeAllDesk(1, ['EUR/USD', 'GBP/USD']);
    byHand(market('EUR/USD', 1000));
    byHand(market('GBP/USD', 500));
    sandbox.happen({ kind: 'halt', instrument: 'EUR_USD', halted: true }, now());
    const result = await flatten();
    expect(result).toMatchObject({ flat: false, closed: [{ instrument: 'GBP/USD', units: 500 }] });
    expect(result.residual).toEqual([
      {
        instrument: 'EUR/USD',
        units: 1000,
        reason: 'it cannot be traded now, and nothing is queued for later',
        next: 'run fxtrade close-all again when it trades, or sell 1000 EUR/USD at the broker by hand',
      },
    ]);
    expect(truth().orders.filter(({ instrument }) => instrument === 'EUR_USD')).toHaveLength(1);
  });

  it('too little depth for one order: limits further and further through the price, bit by bit', async () => {
    const { byHand, flatten, quote, truth } = closeAllDesk(1, ['EUR/USD']);
    byHand(market('EUR/USD', 1000));
    quote('EUR/USD', 1.1, { liquidity: 300 });
    expect(await flatten()).toMatchObject({ flat: true, closed: [{ units: 1000 }] });
    expect(truth().fills.map(({ units }) => units)).toEqual([1000, -300, -300, -300, -100]);
  });

  it('a close whose answer is lost is looked up, not repeated', async () => {
    const { byHand, flatten, truth } = closeAllDesk(1, ['EUR/USD'], {
      rules: [{ on: 'submit', call: 1, fault: { kind: 'drop-after' } }],
    });
    byHand(market('EUR/USD', 1000));
    expect(await flatten()).toMatchObject({ flat: true });
    expect(truth().fills.map(({ units }) => units)).toEqual([1000, -1000]);
  });

  it('positions that cannot be read are unknown: not flat', async () => {
    const { byHand, flatten } = closeAllDesk(1, ['EUR/USD'], {
      rules: [{ on: 'positions', fault: { kind: 'error-before', status: 503 } }],
    });
    byHand(market('EUR/USD', 1000));
    const result = await flatten();
    expect(result.flat).toBeNull();
    expect(result.unknown?.code).toBe('BROKER.UNAVAILABLE');
  });

  const inDoubt = (clientId: string, reduceOnly: boolean, at: number) => {
    const intent = { instrument: 'EUR/USD', side: 'buy', units: 100, type: 'market', timeInForce: 'FOK', reduceOnly };
    const order = { id: `o-${clientId}`, clientId, createdAt: at, intent: { ...intent, reason: 'test' } };
    return [
      { type: 'submit', order },
      { type: 'attempt', clientId, cursor: '1' },
    ] as unknown as OrderRecord[];
  };

  it('an entry in doubt that arrives after all is found and closed before anything is called flat', async () => {
    const { orders, now, time, byHand, truth, flatten } = closeAllDesk(1, ['EUR/USD']);
    for (const record of inDoubt('fxlvLATE', false, now())) orders.apply(record, now());
    arrivesLate({ now, time, byHand });
    expect(await flatten()).toMatchObject({ flat: true, closed: [{ units: 100 }] });
    expect(truth().fills.map(({ units }) => units)).toEqual([100, -100]);
    expect(orders.inDoubt()).toEqual([]);
  });

  it('an entry in doubt that nobody knows is never called flat; an exit in doubt can do nothing to a flat account', async () => {
    const lost = closeAllDesk(1, ['EUR/USD']);
    for (const record of inDoubt('fxlvLOST', false, lost.now())) lost.orders.apply(record, lost.now());
    const result = await lost.flatten();
    expect([result.flat, result.unknown?.code]).toEqual([null, 'BROKER.OUTCOME_UNKNOWN']);
    const exit = closeAllDesk(1, ['EUR/USD']);
    for (const record of inDoubt('fxlvEXIT', true, exit.now())) exit.orders.apply(record, exit.now());
    expect((await exit.flatten()).flat).toBe(true);
    expect(exit.orders.inDoubt()).toEqual([]);
  });

  it('an entry in doubt of another book, or one that a damaged journal only names, keeps it from being called flat', async () => {
    const elsewhere = (id: string, isExit: boolean, at: number) => {
      const other = new LiveOrders();
      for (const record of inDoubt(id, isExit, at)) other.apply(record, at);
      return { others: other.inDoubt() };
    };
    const codeOf = async (more: (now: number) => Parameters<ReturnType<typeof closeAllDesk>['flatten']>[1]) => {
      const desk = closeAllDesk(1, ['EUR/USD']);
      const { flat, unknown } = await desk.flatten(60_000, more(desk.now()));
      return [flat, unknown?.code, unknown?.message.split(' was ')[0]];
    };
    expect(await codeOf((now) => elsewhere('fxlvLOST', false, now))).toEqual([
      ...[null, 'BROKER.OUTCOME_UNKNOWN'],
      expect.stringContaining('fxlvLOST'),
    ]);
    expect(await codeOf((now) => elsewhere('fxlvEXIT', true, now))).toEqual([true, undefined, undefined]);
    expect(await codeOf(() => ({ strays: [clientId('fxlvSTRAY')] }))).toEqual([
      null,
      'BROKER.OUTCOME_UNKNOWN',
      'fxlvSTRAY',
    ]);
  });

  it('an entry in doubt of another book that arrives after all is closed', async () => {
    const { now, time, byHand, truth, flatten } = closeAllDesk(1, ['EUR/USD']);
    const other = new LiveOrders();
    for (const record of inDoubt('fxlvLATE', false, now())) other.apply(record, now());
    arrivesLate({ now, time, byHand });
    expect(await flatten(60_000, { others: other.inDoubt() })).toMatchObject({ flat: true, closed: [{ units: 100 }] });
    expect(truth().fills.map(({ units }) => units)).toEqual([100, -100]);
  });
});

/** Nine seconds on, what was in doubt is an order after all. */
function arrivesLate({ now, time, byHand }: Pick<ReturnType<typeof closeAllDesk>, 'now' | 'time' | 'byHand'>): void {
  const { wait } = time;
  const late = now() + 9_000;
  let came = false;
  time.wait = async (ms) => {
    await wait(ms);
    if (came || now() < late) return;
    came = true;
    byHand(market('EUR/USD', 100, { clientExtensions: { id: 'fxlvLATE' } }));
  };
}
