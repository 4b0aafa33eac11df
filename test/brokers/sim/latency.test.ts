import { describe, expect, it } from 'vitest';
import { noCosts } from '../../../src/core/costs/presets.js';
import type { OrderWish } from '../../../src/core/strategies/strategy.js';
import { HOUR, type Ohlc, PAPER, type Played, play, type Scenario } from '../../helpers/scenario.js';

const FLAT: Ohlc = [100, 100, 100, 100];
const order = (wish: Partial<OrderWish>): OrderWish => ({
  kind: 'order',
  instrument: PAPER.id,
  side: 'buy',
  units: 100,
  reason: 'test',
  ...wish,
});

/** Sent at the close of the first bar, which is when the second opens. */
function sent(latencyMs: number, bars: readonly Ohlc[], more: Partial<Scenario> = {}, wish: Partial<OrderWish> = {}) {
  return play({
    bars: { XYZ: bars },
    strategy: (n) => (n === 0 ? order(wish) : undefined),
    costs: { ...noCosts, fills: { ...noCosts.fills, latencyMs } },
    ...more,
  });
}

const priceOf = ({ orders }: Played) => orders[0]?.averagePrice;

describe('the time that an order takes to the market', () => {
  // Bars open 0, 1, 2 hours after the order was sent.
  const bars: Ohlc[] = [FLAT, [101, 101, 101, 101], [102, 102, 102, 102], [103, 103, 103, 103]];

  it.each`
    latency         | fill           | price
    ${0}            | ${'next-open'} | ${101}
    ${1}            | ${'next-open'} | ${102}
    ${HOUR}         | ${'next-open'} | ${102}
    ${HOUR + 1}     | ${'next-open'} | ${103}
    ${2 * HOUR}     | ${'next-open'} | ${103}
    ${2 * HOUR + 1} | ${'next-open'} | ${0}
    ${0}            | ${'close'}     | ${100}
    ${1}            | ${'close'}     | ${102}
  `('$latency ms, $fill: filled at $price', async ({ latency, fill, price }) => {
    expect(priceOf(await sent(latency, bars, { fill }))).toBe(price);
  });

  it('of less than a gap in the data is over when the market opens again', async () => {
    const friday = Date.UTC(2024, 0, 5, 21);
    const times = [friday, friday + 49 * HOUR, friday + 50 * HOUR];
    expect(priceOf(await sent(1_000, bars.slice(0, 3), { times }))).toBe(101);
  });

  it.each([
    ['limit', { type: 'limit', price: 99 }, 98],
    ['stop', { type: 'stop', stopPrice: 101 }, 102],
  ] as const)('a %s is not met by the bar during which it arrives', async (_, wish, price) => {
    const during: Ohlc = [100, 103, 97, 100];
    const after: Ohlc = [price, price, price, price];
    expect(priceOf(await sent(1, [FLAT, during, FLAT], {}, wish))).toBe(0);
    expect(priceOf(await sent(1, [FLAT, during, after], {}, wish))).toBe(price);
  });

  it('does not hold up the stop that a fill brings with it', async () => {
    const crash: Ohlc = [100, 100, 90, 92];
    const { trades } = await sent(1, [FLAT, FLAT, crash, FLAT], {}, { stopLoss: 95 });
    expect(trades.map(({ entryPrice, exitPrice }) => [entryPrice, exitPrice])).toEqual([[100, 95]]);
  });

  it('ticks fill an order that has arrived by then', async () => {
    const ticks: Ohlc[] = [FLAT, [101, 101, 101, 101], [102, 102, 102, 102]];
    const start = Date.UTC(2024, 0, 3);
    const times = [start, start + 50, start + 120];
    const at = async (latency: number) => priceOf(await sent(latency, ticks, { times, timeframeMs: 0 }));
    expect(await at(50)).toBe(101);
    expect(await at(51)).toBe(102);
  });
});
