import { describe, expect, it } from 'vitest';
import type { CostModel } from '../../../src/core/costs/model.js';
import { noCosts } from '../../../src/core/costs/presets.js';
import { instrumentId } from '../../../src/core/model/ids.js';
import type { Instrument } from '../../../src/core/model/instrument.js';
import type { OrderWish } from '../../../src/core/strategies/strategy.js';
import { type Ohlc, PAPER, type Played, play, type Scenario } from '../../helpers/scenario.js';

const FLAT: Ohlc = [100, 100, 100, 100];
const order = (wish: Partial<OrderWish>): OrderWish => ({
  kind: 'order',
  instrument: PAPER.id,
  side: 'buy',
  units: 100,
  reason: 'test',
  ...wish,
});

function once(wish: Partial<OrderWish>, bars: readonly Ohlc[], more: Partial<Scenario> = {}): Promise<Played> {
  return play({ bars: { XYZ: bars }, strategy: (n) => (n === 0 ? order(wish) : undefined), ...more });
}

/** The venue's costs with parts changed. */
const costs = (change: Partial<CostModel>): CostModel => ({ ...noCosts, ...change });
const SLIPS = costs({ slippage: { fixedBps: 100, volatilityMultiple: 0 } });
const QUARTER = costs({ fills: { participation: 0.25, latencyMs: 0, rejectRate: 0 } });

describe('limits', () => {
  it.each`
    name                              | wish                                                  | bar                       | price
    ${'a gap improves'}               | ${{ type: 'limit', price: 99 }}                       | ${[97, 98, 96, 97]}       | ${97}
    ${'a touch fills at the limit'}   | ${{ type: 'limit', price: 99 }}                       | ${[100, 101, 99, 100]}    | ${99}
    ${'a sell touched from below'}    | ${{ type: 'limit', side: 'sell', price: 101 }}        | ${[100, 101, 99, 100]}    | ${101}
    ${'a stop gaps to the worse'}     | ${{ type: 'stop', stopPrice: 101 }}                   | ${[103, 104, 102, 103]}   | ${103}
    ${'a stop inside'}                | ${{ type: 'stop', stopPrice: 101 }}                   | ${[100, 102, 100, 101]}   | ${101}
    ${'a stop-limit inside'}          | ${{ type: 'stop-limit', stopPrice: 101, price: 102 }} | ${[100, 103, 100, 103]}   | ${101}
    ${'a stop-limit jumped over'}     | ${{ type: 'stop-limit', stopPrice: 101, price: 102 }} | ${[103, 104, 102.5, 103]} | ${undefined}
    ${'a limit that was not reached'} | ${{ type: 'limit', price: 99 }}                       | ${[100, 101, 99.5, 100]}  | ${undefined}
  `('$name: filled at $price', async ({ wish, bar, price }) => {
    const { orders } = await once(wish, [FLAT, bar]);
    expect(orders[0]?.averagePrice).toBe(price ?? 0);
    expect(orders[0]?.status).toBe(price === undefined ? 'working' : 'filled');
  });

  it.each([
    ['buy', 99.5, [99.4, 100, 99, 99.5]],
    ['sell', 100.5, [100.6, 101, 100, 100.5]],
  ] as const)('a %s limit never fills worse than its price, whatever the slippage', async (side, price, bar) => {
    const { orders, numbers } = await once({ type: 'limit', side, price }, [FLAT, bar], { costs: SLIPS });
    expect(orders[0]?.averagePrice).toBe(price);
    expect(numbers.costs.slippage).toBeCloseTo(10, 9);
  });
});

describe('partial fills by the share of volume', () => {
  it('a gapped stop takes its share at the open, and the rest at later opens, never at a trigger that did not trade', async () => {
    const bars: Ohlc[] = [FLAT, [105, 106, 104, 105, 200], [98, 99, 97, 98, 200]];
    const { orders } = await once({ type: 'stop', stopPrice: 101 }, bars, { costs: QUARTER });
    expect(orders[0]).toMatchObject({ status: 'filled', filledUnits: 100, averagePrice: (105 + 98) / 2 });
  });

  it('one bar gives one share, though the order meets it at the open and inside', async () => {
    const { orders } = await once({ type: 'limit', price: 100 }, [FLAT, [99, 101, 98, 100, 200]], { costs: QUARTER });
    expect(orders[0]).toMatchObject({ status: 'working', filledUnits: 50, averagePrice: 99 });
  });

  it('a target that fills in part leaves the stop of the rest', async () => {
    const bars: Ohlc[] = [FLAT, [100, 100, 100, 100, 400], [104, 106, 104, 104, 200], [96, 96, 94, 95, 400]];
    const wish = { stopLoss: 95, takeProfit: 105 };
    const { trades, engine, broker } = await once(wish, bars, { costs: QUARTER });
    expect(trades.map(({ units, exitPrice }) => [units, exitPrice])).toEqual([
      [50, 105],
      [50, 95],
    ]);
    expect(engine.ledger.units(0)).toBe(0);
    expect(broker.cash).toBe(100_000);
  });

  it('children grow with the fills of their parent', async () => {
    const bars: Ohlc[] = [FLAT, [100, 100, 100, 100, 200], [100, 100, 100, 100, 200], [94, 94, 94, 94, 800]];
    const { trades, orders } = await once({ stopLoss: 95 }, bars, { costs: QUARTER });
    expect(trades.map(({ units, exitPrice }) => [units, exitPrice])).toEqual([[100, 94]]);
    expect(orders.map(({ id, filledUnits }) => [id, filledUnits])).toEqual([
      ['o-1', 100],
      ['o-1.sl', 100],
    ]);
  });

  it('FOK takes all or nothing, IOC what there is', async () => {
    const bars: Ohlc[] = [FLAT, [100, 100, 100, 100, 200]];
    const fok = await once({ timeInForce: 'FOK' }, bars, { costs: QUARTER });
    expect(fok.orders[0]).toMatchObject({ status: 'cancelled', filledUnits: 0 });
    const ioc = await once({ timeInForce: 'IOC' }, bars, { costs: QUARTER });
    expect(ioc.orders[0]).toMatchObject({ status: 'cancelled', filledUnits: 50 });
  });

  it('commission is of what was traded, not of all units at the last price', async () => {
    const tenth = { tiers: [[0, 0.1]] as const, minPerOrder: 0 };
    const charged = { ...QUARTER, commission: { ...noCosts.commission, other: tenth } };
    const { numbers } = await once({}, [FLAT, [100, 100, 100, 100, 200], [200, 200, 200, 200, 200]], {
      costs: charged,
    });
    expect(numbers.costs.commission).toBe(1_500);
  });
});

describe('trailing stops', () => {
  const wish = { type: 'limit', price: 95, stopLoss: 90, trailStop: 5 } as const;
  // The high may have come before the limit filled: a stop that follows it would sell above every later price.
  it.each([
    ['pessimistic', undefined],
    ['optimistic', 105],
  ] as const)('%s: an entry inside a bar with a high of 110 exits at %s', async (intrabar, exit) => {
    const { trades } = await once(wish, [FLAT, [100, 110, 94, 100]], { intrabar });
    expect(trades[0]?.exitPrice).toBe(exit);
  });

  it('follows the best price of whole bars, and fills where the close shows that it was crossed', async () => {
    const { trades } = await once({ stopLoss: 95, trailStop: 5 }, [FLAT, [100, 104, 100, 103], [103, 110, 103, 104]]);
    expect(trades[0]?.exitPrice).toBe(105);
  });

  // Prices on the grid reach the rounded stop just when they would have reached the distance itself.
  it.each`
    side      | distance | best     | stop
    ${'buy'}  | ${4.997} | ${104}   | ${99}
    ${'buy'}  | ${4.7}   | ${104.1} | ${99.4}
    ${'sell'} | ${4.997} | ${96}    | ${101}
    ${'sell'} | ${4.7}   | ${95.9}  | ${100.6}
  `('$distance behind a best price of $best stands on the grid at $stop', async ({ side, distance, best, stop }) => {
    const start = side === 'buy' ? 90 : 110;
    const bars: Ohlc[] = [FLAT, [100, Math.max(100, best), Math.min(100, best), best]];
    const { engine } = await once({ side, stopLoss: start, trailStop: distance }, bars);
    expect([...engine.orders.values()].map(({ intent }) => intent.stopPrice)).toEqual([stop]);
  });

  it('does not step back where its first level lies off the distance', async () => {
    const { engine } = await once({ stopLoss: 99.5, trailStop: 4.997 }, [FLAT, [100, 104, 100, 104]]);
    expect([...engine.orders.values()].map(({ intent }) => intent.stopPrice)).toEqual([99.5]);
  });

  it('a short follows the lows', async () => {
    const short = { side: 'sell', stopLoss: 105, trailStop: 5 } as const;
    const { trades } = await once(short, [FLAT, [100, 100, 96, 97], [97, 97, 90, 96]]);
    expect(trades[0]).toMatchObject({ side: 'short', exitPrice: 95 });
  });
});

describe('money', () => {
  const YEN: Instrument = { ...PAPER, id: instrumentId('USD/JPY'), base: 'USD', quote: 'JPY', marginRate: 0.05 };

  it.each(['next-open', 'close'] as const)(
    'venue and book agree to the cent in a foreign currency, %s',
    async (fill) => {
      const { broker, engine, trades } = await play({
        bars: { 'USD/JPY': [FLAT, [100, 101, 99, 100], [120, 125, 118, 123], [130, 130, 130, 130]] },
        instruments: [YEN],
        strategy: (n) =>
          n === 0
            ? order({ instrument: YEN.id, units: 1_000 })
            : n === 1
              ? order({ instrument: YEN.id, side: 'sell', units: 1_000, reduceOnly: true })
              : undefined,
        fill,
      });
      expect(trades[0]?.grossPnl).toBe(fill === 'close' ? 0 : 166.67);
      expect(engine.ledger.cash).toBe(broker.cash);
    },
  );

  it('a fill at the close pays the spread of the close', async () => {
    const real = costs({ spread: { ...noCosts.spread, useData: true } });
    const { numbers } = await once({}, [FLAT], { fill: 'close', halfSpread: 0.5, costs: real });
    expect(numbers.costs.spread).toBe(50);
  });
});

describe('over a weekend', () => {
  const DOLLAR: Instrument = { ...PAPER, id: instrumentId('EUR/USD'), assetClass: 'fx', base: 'EUR', marginRate: 0.05 };
  const held = { ...costs({ financing: { markup: 0.36 } }) };
  // Bars to Friday 21:00, then from Sunday 23:00 on; Friday's roll at 22:00 lies in the gap.
  const friday = Date.UTC(2024, 0, 5, 20);
  const gap = [0, 1, 51, 52].map((hours) => friday + hours * 3_600_000);

  async function financing(entry: number, exit: number): Promise<number> {
    const { numbers } = await play({
      bars: { 'EUR/USD': gap.map(() => FLAT) },
      times: gap,
      instruments: [DOLLAR],
      costs: held,
      strategy: (n) =>
        n === entry
          ? order({ instrument: DOLLAR.id, timeInForce: 'GTC' })
          : n === exit
            ? order({ instrument: DOLLAR.id, side: 'sell', reduceOnly: true })
            : undefined,
    });
    return numbers.costs.financing;
  }

  it('who holds over it pays for the roll though the exit is at the next open, who enters at that open does not', async () => {
    expect(await financing(0, 1)).toBeCloseTo(10_000 * (0.36 / 360), 9);
    expect(await financing(1, 2)).toBe(0);
  });

  it('a DAY order of Friday is not filled on Sunday', async () => {
    const { orders } = await play({
      bars: { 'EUR/USD': gap.map(() => FLAT) },
      times: gap,
      instruments: [DOLLAR],
      strategy: (n) => (n === 1 ? order({ instrument: DOLLAR.id, timeInForce: 'DAY' }) : undefined),
    });
    expect(orders[0]).toMatchObject({ status: 'expired', filledUnits: 0 });
  });
});
