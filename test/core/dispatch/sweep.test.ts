import { describe, expect, it } from 'vitest';
import { sweep } from '../../../src/core/dispatch/sweep.js';
import { virtualOanda } from '../../helpers/virtual-oanda.js';

const ENTRY = {
  type: 'LIMIT',
  instrument: 'EUR_USD',
  units: '100',
  price: '1.00000',
  clientExtensions: { id: 'fxlv1' },
};
const WINDOW_MS = 2_000;

function desk(faults: Parameters<typeof virtualOanda>[0]['faults'] = {}) {
  const broker = virtualOanda({ seed: 1, symbols: ['EUR/USD'], faults });
  const swept = (pending?: () => Promise<boolean>, patienceMs = 20_000) =>
    sweep({
      venue: broker.venue,
      time: broker.time,
      wanted: ({ reduceOnly }) => !reduceOnly,
      patienceMs,
      ...(pending === undefined ? {} : { pending }),
    });
  return { ...broker, swept };
}

describe('a sweep', () => {
  it('cancels what could open risk, keeps the stop of a position, and looks twice one window apart', async () => {
    const { swept, byHand, truth, now } = desk();
    byHand({ type: 'MARKET', instrument: 'EUR_USD', units: '1000', stopLossOnFill: { price: '1.05000' } });
    byHand(ENTRY);
    byHand({ ...ENTRY, clientExtensions: { id: 'somebody' }, price: '1.01000' });
    const before = now();
    const { cancelled, kept, left, quiet } = await swept();
    expect(cancelled.map(({ clientId }) => clientId)).toEqual(['fxlv1', 'somebody']);
    expect(kept).toMatchObject([{ type: 'stop', reduceOnly: true }]);
    expect([left, quiet]).toEqual([[], true]);
    expect(now() - before).toBeGreaterThanOrEqual(WINDOW_MS);
    expect(truth().orders.filter(({ state }) => state === 'PENDING')).toMatchObject([{ type: 'STOP_LOSS' }]);
  });

  it('an order that arrives while it looks is found and cancelled too', async () => {
    const broker = desk();
    let looks = 0;
    const { cancelled, quiet } = await broker.swept(async () => {
      if (++looks === 2) broker.byHand(ENTRY);
      return false;
    });
    expect(cancelled).toHaveLength(1);
    expect(quiet).toBe(true);
  });

  it('no silence counts while something that was sent may still begin to work', async () => {
    const broker = desk();
    const until = broker.now() + 30_000;
    const { quiet } = await broker.swept(async () => broker.now() < until, 40_000);
    expect(quiet).toBe(true);
    expect(broker.now()).toBeGreaterThanOrEqual(until + WINDOW_MS);
  });

  it('cancels that get no answer are asked again', async () => {
    const broker = desk({ rules: [{ on: 'cancel', to: 3, fault: { kind: 'error-before', status: 503 } }] });
    broker.byHand(ENTRY);
    expect(await broker.swept()).toMatchObject({ cancelled: [{ clientId: 'fxlv1' }], left: [], quiet: true });
  });

  it('an order that will not go away is named with what the broker said, and nothing is proven', async () => {
    const broker = desk({ rules: [{ on: 'cancel', fault: { kind: 'error-before', status: 503 } }] });
    broker.byHand(ENTRY);
    const { left, quiet } = await broker.swept(undefined, 3_000);
    expect(left).toMatchObject([{ order: { clientId: 'fxlv1' }, why: 'status 503' }]);
    expect(quiet).toBe(false);
  });

  it('a list that cannot be read is unknown, not empty', async () => {
    const broker = desk({ rules: [{ on: 'any', fault: { kind: 'error-before', status: 503 } }] });
    await expect(broker.swept()).rejects.toMatchObject({ code: 'BROKER.UNAVAILABLE' });
  });
});
