import { afterEach, describe, expect, it } from 'vitest';
import type { Recorded } from '../../../src/commands/session/book.js';
import { NO_FAULTS } from '../../helpers/live-desk.js';
import { Crash, liveInside } from '../../helpers/live-inside.js';

const MINUTE_MS = 60_000;

/** In even minutes a buy far below the price, which waits; what it does in odd ones says `next`. */
const waiting = (next: string): string => `import { defineStrategy } from 'fxtrade';
export default defineStrategy({
  name: 'tried',
  params: {},
  create: () => ({
    onBar({ instrument, close, ts }) {
      const isEven = Math.round(ts / 60_000) % 2 === 0;
      const [price, stopLoss] = [0.997, 0.99].map((share) => Number((close * share).toFixed(5)));
      const order = { kind: 'order', instrument, side: 'buy', units: 1000, type: 'limit', price, stopLoss, reason: 'waits' };
      return isEven ? order : ${next};
    },
    save: () => null,
    load: () => undefined,
  }),
});
`;
const CANCELS = waiting(`{ kind: 'cancel', instrument, reason: 'no more' }`);

const open: Awaited<ReturnType<typeof liveInside>>[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function desk(strategy: string) {
  const made = await liveInside(NO_FAULTS, strategy);
  open.push(made);
  return made;
}

/** The session dies right after it recorded the first thing of this kind. */
const dyingAt = (kind: string) => ({
  onRecord(what: Recorded): void {
    if (what.kind === kind) throw new Crash();
  },
});

describe('a session that died between a decision and its sending', () => {
  it('takes back under new settings what it had decided to take back under the old ones', async () => {
    const live = await desk(CANCELS);
    await live.once();
    const [order] = live.standIn.truth().orders;
    expect(order?.state).toBe('PENDING');
    live.pass(MINUTE_MS);
    expect((await live.once(dyingAt('cancel'))).code).toBe('crash');
    expect(live.standIn.truth().orders[0]?.state).toBe('PENDING');

    const { code, error } = await live.once({ sets: ['risk.maxPositionBps=500'] });

    expect([code, error?.message]).toEqual([undefined, undefined]);
    expect(live.standIn.truth().orders.map(({ state }) => state)).toEqual(['CANCELLED']);
    expect(live.journal().filter(({ type }) => type === 'cancel-request')).toHaveLength(1);
  });

  it('takes that back also where a start in between was refused for its settings', async () => {
    const live = await desk(CANCELS);
    await live.once();
    live.pass(MINUTE_MS);
    expect((await live.once(dyingAt('cancel'))).code).toBe('crash');
    for (let tries = 0; tries < 2; tries++) {
      expect((await live.once({ sets: ['risk.maxPositionBps=90000'] })).code).toBe('GATE.LOOSENED_LIMITS');
    }
    expect(live.standIn.truth().orders[0]?.state).toBe('PENDING');

    expect((await live.once()).code).toBeUndefined();

    expect(live.standIn.truth().orders.map(({ state }) => state)).toEqual(['CANCELLED']);
    expect((await live.once()).code).toBeUndefined();
    expect(live.journal().filter(({ type }) => type === 'cancel-request')).toHaveLength(1);
  });
});

/** Wants to be on one side at every bar; without a word about the bars before. */
const steady = (exposure: number): string => `import { defineStrategy } from 'fxtrade';
export default defineStrategy({
  name: 'tried',
  params: {},
  create: () => ({
    onBar({ instrument, close }) {
      const stop = close * (1 - ${exposure} * 0.01);
      return ${exposure === 0 ? 'undefined' : `{ kind: 'signal', instrument, exposure: ${exposure}, reason: 'steady', stop }`};
    },
    save: () => null,
    load: () => undefined,
  }),
});
`;
const [BUYS, SELLS, RESTS] = [steady(1), steady(-1), steady(0)];

describe('a session that died, and whose strategy was changed before the next start', () => {
  it.each([
    ['wants nothing', RESTS],
    ['wants the other side', SELLS],
    ['waits instead', CANCELS],
  ])('sends nothing that the old one had decided when the new one %s', async (_, strategy) => {
    const live = await desk(BUYS);
    expect((await live.once(dyingAt('submit'))).code).toBe('crash');

    const { code, error, events } = await live.once({ strategy });

    expect([code, error?.message]).toEqual([undefined, undefined]);
    expect(live.standIn.truth().orders.filter(({ reason }) => reason === 'CLIENT_ORDER')).toEqual([]);
    const journal = live.journal();
    const { order } = journal.find(({ type }) => type === 'submit') as unknown as { order: { clientId: string } };
    expect(journal).toContainEqual(expect.objectContaining({ type: 'abandoned', clientId: order.clientId }));
    expect(events).toContainEqual(expect.objectContaining({ kind: 'retold' }));
  });

  it('holds what was filled, with its stop, decides no close a second time, and goes on with the new one', async () => {
    const live = await desk(BUYS);
    expect((await live.once(dyingAt('fill'))).code).toBe('crash');
    const held = live.standIn.truth().positions[0]?.units ?? 0;
    expect(held).toBeGreaterThan(0);

    const first = await live.once({ strategy: SELLS });

    expect([first.code, first.error?.message]).toEqual([undefined, undefined]);
    expect(live.standIn.truth().positions).toMatchObject([{ units: held }]);
    live.pass(MINUTE_MS);
    const second = await live.once();
    expect([second.code, second.error?.message]).toEqual([undefined, undefined]);
    expect(live.standIn.truth().positions[0]?.units).toBeLessThanOrEqual(0);
    const ids = live.standIn
      .truth()
      .orders.filter(({ reason }) => reason === 'CLIENT_ORDER')
      .map((one) => one.clientId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('takes back what the old one had decided to take back', async () => {
    const live = await desk(CANCELS);
    await live.once();
    live.pass(MINUTE_MS);
    expect((await live.once(dyingAt('cancel'))).code).toBe('crash');

    const { code, error } = await live.once({ strategy: RESTS });

    expect([code, error?.message]).toEqual([undefined, undefined]);
    expect(live.standIn.truth().orders.map(({ state }) => state)).toEqual(['CANCELLED']);
  });

  it('is adopted like any other, and with other settings at the same time', async () => {
    const live = await desk(BUYS);
    expect((await live.once(dyingAt('fill'))).code).toBe('crash');

    const adopted = await live.adopt({ strategy: SELLS, sets: ['risk.maxPositionBps=500'] });
    const next = await live.once({ sets: ['risk.maxPositionBps=500'] });

    expect([adopted.error?.message, next.error?.message]).toEqual([undefined, undefined]);
  });

  it('is compared with the limits of who traded, not of who adopted it', async () => {
    const live = await desk(BUYS);
    const loose = ['risk.priceCollarBps=9999'];
    expect((await live.once({ ...dyingAt('fill'), sets: loose })).code).toBe('crash');

    const adopted = await live.adopt();
    const next = await live.once({ sets: loose });

    expect([adopted.error?.message, next.error?.message]).toEqual([undefined, undefined]);
  });
});
