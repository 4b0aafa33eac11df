import { expect, it } from 'vitest';
import { seededRng } from '../../../src/core/base/rng.js';
import { instrumentId } from '../../../src/core/model/ids.js';
import { openPriceFeed } from '../../../src/feeds/registry.js';
import { KEY } from '../../helpers/vendors/keyed.js';
import { virtualTime } from '../../helpers/virtual-time.js';

it('the clock of a vendor is read from its answer, whatever time the turn of the plan and repeats took before', async () => {
  const time = virtualTime();
  let sent = 0;
  const feed = await openPriceFeed('polygon', {
    secrets: { get: () => ({ reveal: () => KEY }), plain: () => undefined, hide: (text) => text },
    ...{ clock: time, stopwatch: time, wait: time.wait, rng: seededRng('clock') },
    ...{ signal: new AbortController().signal, resolve: async () => ['93.184.216.34'] },
    http: {
      async send() {
        await time.wait(100);
        const headers = { date: new Date(time.now() + 3_000).toUTCString() };
        await time.wait(100);
        return { status: ++sent % 2 === 1 ? 503 : 200, headers, body: '{"status":"OK","results":[]}' };
      },
      lines: () => {
        throw new Error('not used');
      },
    },
  });
  for (let i = 0; i < 6; i++) {
    await feed.bars(instrumentId('EUR/USD'), 60_000, time.now() - 120_000, time.now());
    expect(feed.clockOffsetMs).toBeGreaterThanOrEqual(2_400);
    expect(feed.clockOffsetMs).toBeLessThanOrEqual(3_600);
  }
});
