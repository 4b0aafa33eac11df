import { describe, expect, it } from 'vitest';
import { noCosts } from '../../../src/core/costs/presets.js';
import type { OrderWish } from '../../../src/core/strategies/strategy.js';
import { HOUR, type Ohlc, PAPER, play, type Scenario, START } from '../../helpers/scenario.js';

const FLAT: Ohlc = [100, 100, 100, 100];
const order = (wish: Partial<OrderWish>): OrderWish => ({
  kind: 'order',
  instrument: PAPER.id,
  side: 'buy',
  units: 100,
  reason: 'test',
  ...wish,
});

/** Sends a buy limit at 99 at the close of the first bar, and notes at each close whether it still works. */
async function watched(wish: Partial<OrderWish>, bars: readonly Ohlc[], more: Partial<Scenario> = {}) {
  const works: boolean[] = [];
  const { orders } = await play({
    bars: { XYZ: bars },
    strategy: {
      onSlice(view) {
        works.push(view.pending(PAPER.id));
        return works.length === 1 ? order({ type: 'limit', price: 99, ...wish }) : undefined;
      },
    },
    ...more,
  });
  return { order: orders[0], works: works.slice(1) };
}

describe('an order until a time', () => {
  const dip: Ohlc = [100, 100, 98, 100];
  // It is sent at START + 1 h, and the bars after it close at START + 2 h, 3 h and 4 h.
  const until = (hours: number) => ({ timeInForce: 'GTD', expiresAt: START + hours * HOUR }) as const;

  it.each`
    hours  | works                    | status
    ${2}   | ${[false, false, false]} | ${'expired'}
    ${2.5} | ${[true, false, false]}  | ${'expired'}
    ${3}   | ${[true, false, false]}  | ${'expired'}
    ${4}   | ${[true, true, false]}   | ${'expired'}
    ${4.1} | ${[true, true, true]}    | ${'working'}
  `('$hours h is over at the first close at or after it, and not before', async ({ hours, works, status }) => {
    const seen = await watched(until(hours), [FLAT, FLAT, FLAT, FLAT]);
    expect(seen.works).toEqual(works);
    expect(seen.order).toMatchObject({ status, filledUnits: 0 });
  });

  it.each`
    hours | dips | filled
    ${3}  | ${2} | ${100}
    ${3}  | ${3} | ${0}
    ${2}  | ${1} | ${100}
    ${2}  | ${2} | ${0}
  `('$hours h is filled by the dip of bar $dips: $filled units', async ({ hours, dips, filled }) => {
    const bars = [FLAT, FLAT, FLAT, FLAT, FLAT].map((bar, i) => (i === dips ? dip : bar));
    expect((await watched(until(hours), bars)).order?.filledUnits).toBe(filled);
  });

  it('that ends while the market is closed is not filled where it opens again', async () => {
    const friday = Date.UTC(2024, 0, 5, 21);
    const times = [0, 49, 50].map((hours) => friday + hours * HOUR);
    const wish = { timeInForce: 'GTD', expiresAt: friday + 24 * HOUR } as const;
    const { order: ended } = await watched(wish, [FLAT, [97, 97, 97, 97], FLAT], { times });
    expect(ended).toMatchObject({ status: 'expired', filledUnits: 0 });
  });
});

describe('an order for the day', () => {
  // 17:00 in New York is 22:00 UTC in winter and 21:00 in summer.
  it.each`
    day                         | ends
    ${Date.UTC(2024, 0, 3, 18)} | ${22}
    ${Date.UTC(2024, 6, 3, 18)} | ${21}
  `('sent at $day ends at $ends:00 UTC, and not before', async ({ day, ends }) => {
    const hours = [18, 19, 20, 21, 22, 23];
    const times = hours.map((_, i) => day + i * HOUR);
    const { works, order: ended } = await watched(
      { timeInForce: 'DAY' },
      hours.map(() => FLAT),
      { times },
    );
    expect(works).toEqual(hours.slice(1).map((hour) => hour < ends));
    expect(ended?.status).toBe('expired');
    const dipped = (at: number): Ohlc[] => hours.map((hour) => (hour === at ? [100, 100, 98, 100] : FLAT));
    expect((await watched({ timeInForce: 'DAY' }, dipped(ends), { times })).order?.filledUnits).toBe(100);
    expect((await watched({ timeInForce: 'DAY' }, dipped(ends + 1), { times })).order?.filledUnits).toBe(0);
  });

  it('sent at the very end of one day lives through the next', async () => {
    const day = Date.UTC(2024, 0, 3, 22);
    const times = [0, 1, 23, 24, 25].map((hours) => day + hours * HOUR);
    const { works } = await watched({ timeInForce: 'DAY' }, [FLAT, FLAT, FLAT, FLAT, FLAT], { times });
    expect(works).toEqual([true, true, false, false]);
  });
});

describe('orders that do not wait, in a market that gives a quarter of its volume', () => {
  const costs = { ...noCosts, fills: { ...noCosts.fills, participation: 0.25 } };
  const bar = (volume: number): Ohlc => [100, 100, 100, 100, volume];

  it.each`
    timeInForce | volume | fill           | filled | status
    ${'IOC'}    | ${200} | ${'next-open'} | ${50}  | ${'cancelled'}
    ${'IOC'}    | ${400} | ${'next-open'} | ${100} | ${'filled'}
    ${'IOC'}    | ${3}   | ${'next-open'} | ${0}   | ${'cancelled'}
    ${'IOC'}    | ${0}   | ${'next-open'} | ${0}   | ${'cancelled'}
    ${'FOK'}    | ${399} | ${'next-open'} | ${0}   | ${'cancelled'}
    ${'FOK'}    | ${400} | ${'next-open'} | ${100} | ${'filled'}
    ${'IOC'}    | ${200} | ${'close'}     | ${50}  | ${'cancelled'}
    ${'FOK'}    | ${399} | ${'close'}     | ${0}   | ${'cancelled'}
    ${'FOK'}    | ${400} | ${'close'}     | ${100} | ${'filled'}
  `('$timeInForce of 100 in $volume at the $fill: $filled, $status', async ({ timeInForce, volume, fill, ...end }) => {
    // All later bars could fill the whole of it.
    const bars = fill === 'close' ? [bar(volume), bar(9_999), bar(9_999)] : [FLAT, bar(volume), bar(9_999)];
    const { orders, engine, broker } = await play({
      bars: { XYZ: bars },
      costs,
      fill,
      strategy: (n) => (n === 0 ? order({ timeInForce }) : undefined),
    });
    expect(orders[0]).toMatchObject({ status: end.status, filledUnits: end.filled });
    expect(engine.ledger.units(0)).toBe(end.filled);
    expect(engine.ledger.cash).toBe(broker.cash);
  });

  it.each(['IOC', 'FOK'] as const)('%s limits want the first price they meet, not one inside the bar', async (name) => {
    const { order: ended } = await watched({ timeInForce: name }, [FLAT, [100, 100, 98, 99, 9_999]], { costs });
    expect(ended).toMatchObject({ status: 'cancelled', filledUnits: 0 });
  });

  it('what an IOC got keeps its stop, which is of that size', async () => {
    const bars: Ohlc[] = [FLAT, bar(200), [94, 94, 94, 94, 9_999]];
    const { trades } = await play({
      bars: { XYZ: bars },
      costs,
      strategy: (n) => (n === 0 ? order({ timeInForce: 'IOC', stopLoss: 95 }) : undefined),
    });
    expect(trades.map(({ units, exitPrice }) => [units, exitPrice])).toEqual([[50, 94]]);
  });
});
