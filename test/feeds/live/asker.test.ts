import { describe, expect, it } from 'vitest';
import { FxError } from '../../../src/core/base/errors.js';
import { instrumentOf } from '../../../src/core/model/instruments.js';
import { BarAsker } from '../../../src/feeds/live/asker.js';
import { ATTEMPTS } from '../../../src/wire/retry.js';

const MINUTE = 60_000;
const SYMBOLS = ['EUR/USD', 'GBP/USD'];

/** A vendor that answers nobody, asked every second for some minutes; what it costs where each read is repeated. */
async function outage(requestMs: number, minutes: number) {
  let now = 0;
  let requests = 0;
  const asker = new BarAsker({
    feed: {
      name: 'far',
      clockOffsetMs: undefined,
      close: () => undefined,
      async bars() {
        requests += ATTEMPTS;
        throw new FxError('FEED.UNREACHABLE', { message: 'away', next: 'wait', retryable: true });
      },
    },
    instruments: SYMBOLS.map((symbol) => instrumentOf(symbol, {}, 'USD')),
    timeframeMs: MINUTE,
    stopwatch: { mono: () => now },
    requestMs,
    answered: () => undefined,
  });
  const pass = async (ms: number): Promise<void> => {
    for (const end = now + ms; now < end; now += 1_000) {
      for (const index of SYMBOLS.keys()) asker.ask(index, now - MINUTE, now);
      await new Promise(setImmediate);
    }
  };
  await pass(minutes * MINUTE);
  return { asker, pass, requests: () => requests };
}

describe('a vendor that is away', () => {
  it('costs no more of a small plan than its share of the time, so that something is left when it is back', async () => {
    // Fifty an hour.
    const { requests } = await outage(72_000, 20);
    expect(requests()).toBeLessThanOrEqual(50 / 3 + 2 * ATTEMPTS * SYMBOLS.length);
  });

  it('is asked at once when its stream is back', async () => {
    const { asker, pass, requests } = await outage(72_000, 1);
    const before = requests();
    asker.hurry();
    await pass(1_000);
    expect(requests()).toBe(before + ATTEMPTS * SYMBOLS.length);
  });
});
