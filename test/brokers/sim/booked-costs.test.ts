import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../src/core/base/rng.js';
import type { CostModel } from '../../../src/core/costs/model.js';
import { defaultCosts, noCosts } from '../../../src/core/costs/presets.js';
import { instrumentId } from '../../../src/core/model/ids.js';
import type { Instrument } from '../../../src/core/model/instrument.js';
import type { OrderWish } from '../../../src/core/strategies/strategy.js';
import { HOUR, type Ohlc, PAPER, type Played, play, type Scenario, START } from '../../helpers/scenario.js';

const flat = (price: number): Ohlc => [price, price, price, price];
const order = (instrument: Instrument, wish: Partial<OrderWish>): OrderWish => ({
  kind: 'order',
  instrument: instrument.id,
  side: 'buy',
  units: 100,
  reason: 'test',
  ...wish,
});

const of = (id: string, more: Partial<Instrument>): Instrument => ({ ...PAPER, id: instrumentId(id), ...more });
const EURO = of('EUR/USD', { assetClass: 'fx', base: 'EUR', tick: 1e-5, typicalSpread: 1e-4, marginRate: 0.05 });
const STOCK = of('AAPL', { assetClass: 'stock', base: 'AAPL', typicalSpread: 0.02 });
const COIN = of('BTC/USD', { assetClass: 'crypto', base: 'BTC', typicalSpread: 0.05 });

/** Prices on the grid, around `start`. */
function walk(start: number, tick: number, length: number): Ohlc[] {
  const rng = seededRng(`costs ${start}`);
  const at = (ticks: number) => Math.round(ticks * tick * 1e5) / 1e5;
  let ticks = Math.round(start / tick);
  return Array.from({ length }, () => {
    const open = ticks;
    ticks += Math.floor(rng.next() * 41) - 20;
    return [at(open), at(Math.max(open, ticks) + 5), at(Math.min(open, ticks) - 5), at(ticks)];
  });
}

const sum = ({ costs }: Played['numbers']) =>
  costs.spread + costs.slippage + costs.impact + costs.commission + costs.financing;

describe('costs and none, the same market orders', () => {
  // Long, longer, flat, short, long again: after so many bars at so many units a step.
  const steps = [1, 1, -2, -1, 2, 1, -2, -1, -1, 2];
  const played = (instrument: Instrument, units: number, costs: CostModel, length: number, more: Partial<Scenario>) =>
    play({
      bars: { [instrument.id]: walk(instrument.assetClass === 'fx' ? 1.1 : 150, instrument.tick, length) },
      instruments: [instrument],
      costs,
      capital: 100_000_000,
      rates: [
        { currency: 'EUR', knownAt: new Float64Array([0]), rate: new Float64Array([0.02]) },
        { currency: 'USD', knownAt: new Float64Array([0]), rate: new Float64Array([0.05]) },
      ],
      strategy: (n) => {
        const step = n % 5 === 0 ? (steps[(n / 5) % steps.length] ?? 0) : 0;
        if (step === 0) return undefined;
        return order(instrument, { side: step > 0 ? 'buy' : 'sell', units: Math.abs(step) * units });
      },
      ...more,
    });

  it.each`
    name                      | instrument | units        | more                                   | booked
    ${'a pair'}               | ${EURO}    | ${1_000_000} | ${{}}                                  | ${['spread', 'slippage', 'impact', 'financing']}
    ${'a pair at the close'}  | ${EURO}    | ${1_000_000} | ${{ fill: 'close' }}                   | ${['spread', 'slippage', 'impact', 'financing']}
    ${'a pair with quotes'}   | ${EURO}    | ${1_000_000} | ${{ halfSpread: 5e-5 }}                | ${['spread', 'slippage', 'impact', 'financing']}
    ${'quotes at the close'}  | ${EURO}    | ${1_000_000} | ${{ halfSpread: 5e-5, fill: 'close' }} | ${['spread', 'slippage', 'impact', 'financing']}
    ${'a stock'}              | ${STOCK}   | ${1_000}     | ${{}}                                  | ${['spread', 'slippage', 'impact', 'commission']}
    ${'a stock at the close'} | ${STOCK}   | ${1_000}     | ${{ fill: 'close' }}                   | ${['spread', 'slippage', 'impact', 'commission']}
    ${'a coin'}               | ${COIN}    | ${500}       | ${{}}                                  | ${['spread', 'slippage', 'commission']}
  `(
    '$name: differ by what was booked, to the cent, wherever the run ends',
    async ({ instrument, units, more, booked }) => {
      for (const length of [9, 16, 23, 60, 100]) {
        const free = await played(instrument, units, noCosts, length, more);
        const paid = await played(instrument, units, defaultCosts, length, more);
        expect(paid.orders.map(({ filledUnits }) => filledUnits)).toEqual(free.orders.map((one) => one.filledUnits));
        const difference = free.engine.equity - paid.engine.equity;
        expect(difference).toBeCloseTo(sum(paid.numbers) - sum(free.numbers), 6);
        expect(difference).toBeGreaterThan(0);
        // The rate differential is no cost, and nothing else may be booked.
        expect(sum(free.numbers)).toBe(free.numbers.costs.financing);
        expect(paid.engine.ledger.cash).toBe(paid.broker.cash);
      }
      const { costs } = (await played(instrument, units, defaultCosts, 100, more)).numbers;
      const names = Object.entries(costs).filter(([, amount]) => Math.abs(amount) > 0);
      expect(names.map(([name]) => name).sort()).toEqual([...booked].sort());
    },
  );
});

describe('dividends', () => {
  // The bars are 100 but for the dividend; it is due between the third and the fourth.
  const due = START + 3.5 * HOUR;
  const action = [{ instrument: STOCK.id, kind: 'dividend', value: 0.5, ts: due }] as const;

  it.each`
    side      | entry | exit | cost   | why
    ${'buy'}  | ${0}  | ${9} | ${-50} | ${'a long gets it'}
    ${'sell'} | ${0}  | ${9} | ${50}  | ${'a short pays it'}
    ${'buy'}  | ${0}  | ${2} | ${-50} | ${'sold at the first open without it: was held over it'}
    ${'buy'}  | ${0}  | ${1} | ${0}   | ${'sold before'}
    ${'buy'}  | ${2}  | ${9} | ${0}   | ${'bought at the first open without it'}
    ${'buy'}  | ${1}  | ${9} | ${-50} | ${'bought at the last open with it'}
  `('$side at bar $entry, out at $exit: $why', async ({ side, entry, exit, cost }) => {
    const { engine, broker, numbers, trades } = await play({
      bars: { AAPL: Array.from({ length: 8 }, () => flat(100)) },
      instruments: [STOCK],
      actions: action,
      strategy: (n) =>
        n === entry
          ? order(STOCK, { side })
          : n === exit
            ? order(STOCK, { side: side === 'buy' ? 'sell' : 'buy', reduceOnly: true })
            : undefined,
    });
    expect(numbers.costs.financing).toBe(cost);
    expect([engine.equity, broker.cash]).toEqual([100_000 - cost, 100_000 - cost]);
    if (exit < 8) expect(trades).toMatchObject([{ grossPnl: 0, financing: cost, netPnl: 0 - cost }]);
  });

  it('of a foreign stock are booked at the rate of their day', async () => {
    const dax = of('SAP', { assetClass: 'stock', base: 'SAP', quote: 'EUR' });
    const { engine, broker } = await play({
      bars: { SAP: Array.from({ length: 6 }, () => flat(100)), 'EUR/USD': Array.from({ length: 6 }, () => flat(1.25)) },
      instruments: [dax, EURO],
      traded: 1,
      actions: [{ ...action[0], instrument: dax.id }],
      strategy: (n) => (n === 0 ? order(dax, {}) : undefined),
    });
    expect([engine.ledger.cash, broker.cash]).toEqual([100_062.5, 100_062.5]);
  });
});

describe('interest over holidays', () => {
  // Held over the one roll of that day: 17:00 in New York, 21:00 UTC in these weeks of summer time.
  const CANADA = of('USD/CAD', { assetClass: 'fx', base: 'USD', quote: 'CAD', marginRate: 0.05 });

  it.each`
    pair      | date            | days | why
    ${EURO}   | ${'2024-03-20'} | ${3} | ${'Wednesday: value goes from Friday to Monday'}
    ${EURO}   | ${'2024-03-26'} | ${5} | ${'Easter: Tuesday carries it, from Thursday to the Tuesday after'}
    ${EURO}   | ${'2024-03-27'} | ${1} | ${'and Wednesday has none left to carry'}
    ${EURO}   | ${'2024-03-28'} | ${0} | ${'Good Friday and Easter Monday move no value date'}
    ${EURO}   | ${'2024-08-28'} | ${4} | ${'Labor Day: to Tuesday, as Monday is no day for dollars'}
    ${CANADA} | ${'2024-03-21'} | ${3} | ${'a pair of one day triples on Thursday'}
    ${CANADA} | ${'2024-03-27'} | ${4} | ${'over Good Friday already on Wednesday'}
    ${CANADA} | ${'2024-03-28'} | ${0} | ${'and not on Thursday'}
  `('$pair.id over $date counts $days days: $why', async ({ pair, date, days }) => {
    const roll = Date.parse(`${date}T21:00:00Z`);
    const times = [-2, -1, 0, 1, 2].map((hours) => roll + hours * HOUR);
    const rollOver = (units: number) =>
      play({
        bars: { [pair.id]: times.map(() => flat(1)) },
        times,
        instruments: [pair],
        costs: { ...noCosts, financing: { markup: 0.036 } },
        strategy: (n) =>
          n === 0
            ? order(pair, { units })
            : n === 2
              ? order(pair, { side: 'sell', units, reduceOnly: true })
              : undefined,
      });
    const { numbers, engine, broker } = await rollOver(100_000);
    const basis = pair === CANADA ? 365 : 360;
    expect(numbers.costs.financing).toBeCloseTo(Math.round((100_000 * 0.036 * days * 100) / basis) / 100, 9);
    expect(engine.ledger.cash).toBe(broker.cash);
  });
});
