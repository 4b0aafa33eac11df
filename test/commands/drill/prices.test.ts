import { describe, expect, it } from 'vitest';
import { Prices } from '../../../src/commands/drill/prices.js';
import { instrumentOf } from '../../../src/core/model/instruments.js';

const EURUSD = instrumentOf('EUR/USD', {}, 'USD');
const MINUTE = 60_000;
/** Friday 16:59 in New York. */
const LAST_MINUTE = Date.UTC(2024, 0, 12, 21, 59);

describe('the prices of a rehearsal', () => {
  it('move inside a minute and end where its bar ends', () => {
    const prices = new Prices([EURUSD], '1', 0, LAST_MINUTE);
    const bids = [0, 20, 40, 59.999].map((second) => prices.at(LAST_MINUTE + second * 1000)[0]?.bid);
    const [bar] = prices.history('EUR_USD', MINUTE, LAST_MINUTE, LAST_MINUTE + MINUTE);
    expect(bids[0]).toBe(bar?.bid.o);
    expect(bids[3]).toBeCloseTo(bar?.bid.c ?? 0, 5);
    expect(Math.max(...bids.map(Number))).toBeLessThanOrEqual(bar?.bid.h ?? 0);
  });

  it('stay, and cannot be traded on, when the market shuts', () => {
    const prices = new Prices([EURUSD], '1', 0, LAST_MINUTE);
    const [last] = prices.at(LAST_MINUTE + 59_000);
    expect(last?.tradeable).not.toBe(false);
    expect(prices.at(LAST_MINUTE + MINUTE)).toEqual([{ ...last, tradeable: false }]);
    expect(prices.at(LAST_MINUTE + 90 * MINUTE)).toEqual([{ ...last, tradeable: false }]);
  });

  it('of another weekday are played with the times of today', () => {
    const days = 3 * 86_400_000;
    const saturday = LAST_MINUTE + 12 * 60 * MINUTE;
    const shifted = new Prices([EURUSD], '1', days, saturday).at(saturday + 30_000);
    const wednesday = new Prices([EURUSD], '1', 0, saturday - days).at(saturday - days + 30_000);
    expect(shifted).toEqual(wednesday);
    expect(shifted).toHaveLength(1);
  });

  it.each([MINUTE, 60 * MINUTE, 24 * 60 * MINUTE])(
    'the history of bars of %i ms tells nothing that is not over',
    (length) => {
      const now = Date.UTC(2024, 0, 10, 15, 20, 30);
      const prices = new Prices([EURUSD], '1', 0, now);
      const bars = [...prices.history('EUR_USD', length, now - 3 * 3_600_000, now)];
      expect(bars.at(-1)?.start).toBe(Date.UTC(2024, 0, 10, 15, 19));
      expect(bars.map((bar) => bar.start)).toEqual([...bars.map((bar) => bar.start)].sort((a, b) => a - b));
      expect(new Set(bars.map((bar) => bar.start)).size).toBe(bars.length);
    },
  );
});
