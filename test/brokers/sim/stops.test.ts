import { describe, expect, it } from 'vitest';
import type { Signal } from '../../../src/core/strategies/strategy.js';
import { type Ohlc, PAPER, play } from '../../helpers/scenario.js';

const FLAT: Ohlc = [100, 100, 100, 100];
/** Around 100: what is above for a long is below for a short. */
const mirror = ([o, h, l, c]: Ohlc): Ohlc => [200 - o, 200 - l, 200 - h, 200 - c];

async function exitOf(bar: Ohlc, short: boolean, intrabar: 'pessimistic' | 'optimistic' = 'pessimistic') {
  const signal: Signal = {
    kind: 'signal',
    instrument: PAPER.id,
    exposure: short ? -1 : 1,
    stop: short ? 105 : 95,
    takeProfit: short ? 95 : 105,
    reason: 'bracket',
  };
  const { trades, orders } = await play({
    bars: { XYZ: [FLAT, short ? mirror(bar) : bar, FLAT] },
    strategy: (n) => (n === 0 ? signal : undefined),
    fill: 'close',
    intrabar,
  });
  expect(trades).toHaveLength(1);
  expect(orders.map((order) => order.status).sort()).toEqual(['cancelled', 'filled', 'filled']);
  expect(trades[0]?.entryPrice).toBe(100);
  return trades[0]?.exitPrice;
}

describe('stop conformance: from a close of 100, stop 5 below, target 5 above, one test bar', () => {
  it.each`
    name           | bar                     | exit
    ${'A gap'}     | ${[90, 92, 88, 91]}     | ${90}
    ${'B both'}    | ${[100, 106, 94, 100]}  | ${95}
    ${'C gap up'}  | ${[110, 112, 108, 111]} | ${110}
    ${'D through'} | ${[98, 99, 93, 94]}     | ${95}
    ${'E either'}  | ${[104, 106, 94, 96]}   | ${95}
  `('$name exits a long at $exit, and a mirrored short at its mirror', async ({ bar, exit }) => {
    expect(await exitOf(bar, false)).toBe(exit);
    expect(await exitOf(bar, true)).toBe(200 - exit);
  });

  it.each`
    name          | bar                     | exit
    ${'A gap'}    | ${[90, 92, 88, 91]}     | ${90}
    ${'B both'}   | ${[100, 106, 94, 100]}  | ${105}
    ${'C gap up'} | ${[110, 112, 108, 111]} | ${110}
    ${'E either'} | ${[104, 106, 94, 96]}   | ${105}
  `('$name under the optimistic reading exits at $exit', async ({ bar, exit }) => {
    expect(await exitOf(bar, false, 'optimistic')).toBe(exit);
    expect(await exitOf(bar, true, 'optimistic')).toBe(200 - exit);
  });
});
