import fc from 'fast-check';
import { expect, it } from 'vitest';
import { expected, walk } from '../../../bench/workload.js';
import { smaCross } from '../../../src/core/strategies/sma-cross.js';
import { HOUR, type Ohlc, PAPER, play, START } from '../../helpers/scenario.js';

const TICK = { ...PAPER, tick: 1, pip: 1 };

/** The bars through the real engine and venue; the three figures that define the workload. */
async function played(n: number, seed: number, fast: number, slow: number, chunk: number) {
  const { open, high, low, close } = walk(n, seed);
  const at = (column: Float64Array, i: number) => column[i] ?? Number.NaN;
  const bars = Array.from({ length: n }, (_, i): Ohlc => [at(open, i), at(high, i), at(low, i), at(close, i)]);
  const params = { fast, slow, longOnly: true, stopBps: 0 };
  const { trades } = await play({
    bars: { XYZ: bars },
    instruments: [TICK],
    strategy: smaCross.create({ params, instruments: [TICK], currency: 'USD' }),
    fill: 'close',
    capital: 1e12,
    sizing: { method: 'fixed-units', units: 100_000 },
    chunk,
  });
  const bar = (time: number) => (time - START) / HOUR - 1;
  let checksum = 0;
  for (const trade of trades) {
    checksum = (checksum + 31 * bar(trade.entryTime) + 17 * bar(trade.exitTime)) % 1_000_000_007;
  }
  const ticks = trades.reduce((sum, trade) => sum + trade.exitPrice - trade.entryPrice, 0);
  return { trades: trades.length, ticks, checksum };
}

it('the engine makes the trades of a plain loop, whatever the prices, windows and chunks', async () => {
  const seeds = fc.integer({ min: 0, max: 0xffff_ffff });
  const windows = fc.tuple(fc.integer({ min: 2, max: 30 }), fc.integer({ min: 1, max: 90 }));
  const sizes = fc.tuple(fc.integer({ min: 1, max: 6000 }), fc.integer({ min: 1, max: 7000 }));
  await fc.assert(
    fc.asyncProperty(seeds, windows, sizes, async (seed, [fast, more], [n, chunk]) => {
      const slow = fast + more;
      const found = await played(n, seed, fast, slow, chunk);
      expect(found).toEqual(expected(walk(n, seed), fast, slow));
    }),
    { numRuns: 40 },
  );
});

it('the workload is the one it always was', () => {
  expect(expected(walk(100_000))).toMatchInlineSnapshot(`
    {
      "checksum": 387104452,
      "ticks": 23,
      "trades": 1003,
    }
  `);
});
