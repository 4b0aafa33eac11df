import { afterEach, describe, expect, it } from 'vitest';
import type { Recorded } from '../../../src/commands/session/book.js';
import { NO_FAULTS } from '../../helpers/live-desk.js';
import { Crash, liveInside } from '../../helpers/live-inside.js';

const MINUTE_MS = 60_000;

/** In even minutes a buy far below the price, which waits; what it does in odd ones says `next`. */
const waiting = (next: string): string => `import { defineStrategy } from 'fxtrade';
export default defineStrategy({
  name: 'waiting',
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
});
