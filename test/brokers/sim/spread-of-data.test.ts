import { expect, it } from 'vitest';
import { noCosts } from '../../../src/core/costs/presets.js';
import { type Ohlc, PAPER, play } from '../../helpers/scenario.js';

const FLAT: Ohlc = [100, 100, 100, 100];
const dataSpread = { ...noCosts, spread: { ...noCosts.spread, useData: true } };

const roundTrip = (costs: typeof noCosts) =>
  play({
    bars: { XYZ: [FLAT, FLAT, FLAT, FLAT] },
    halfSpread: 0.5,
    costs,
    strategy: (bar) =>
      bar < 2
        ? { kind: 'signal', instrument: PAPER.id, exposure: bar === 0 ? 1 : 0, reason: 'there and back' }
        : undefined,
  });

it('given bid and ask in the data, a round trip without costs is at the mid and loses nothing', async () => {
  const { trades, numbers } = await roundTrip(noCosts);
  expect(trades[0]).toMatchObject({ entryPrice: 100, exitPrice: 100, netPnl: 0 });
  expect(numbers.costs.spread).toBe(0);
});

it('given costs that take the data’s own spread, it buys at the ask, sells at the bid and counts both halves', async () => {
  const { trades, numbers } = await roundTrip(dataSpread);
  expect(trades[0]).toMatchObject({ entryPrice: 100.5, exitPrice: 99.5, netPnl: -100 });
  expect(numbers.costs.spread).toBe(100);
});
