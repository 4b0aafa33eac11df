import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { notionalCommission, orderCommission, shareCommission } from '../../../src/core/costs/commission.js';
import { almgren2005, almgrenChriss, modelledImpact, squareRootImpact } from '../../../src/core/costs/impact.js';
import { defaultCosts, noCosts } from '../../../src/core/costs/presets.js';
import { slippageFraction } from '../../../src/core/costs/slippage.js';
import { halfSpreadCost, modelledSpread, timeOfDaySpread } from '../../../src/core/costs/spread.js';

describe('spread', () => {
  it('of 1.4 pips on 10,000 EUR/USD costs 70 cents to cross once, whichever way', () => {
    const { quote, bps } = halfSpreadCost({ bid: 1.0842, ask: 1.08434, units: -10_000 });
    expect(quote).toBeCloseTo(0.7, 9);
    expect(bps).toBeCloseTo(0.6456, 4);
  });

  it('is four times as wide in the hour of the roll', () => {
    expect(modelledSpread(0.0001, 17, defaultCosts.spread)).toBeCloseTo(0.0004, 12);
    expect(defaultCosts.spread.hourMultiplier).toHaveLength(24);
    expect(Math.max(...defaultCosts.spread.hourMultiplier)).toBe(defaultCosts.spread.hourMultiplier[17]);
    expect(modelledSpread(0.0001, 99, defaultCosts.spread)).toBe(0.0001);
  });

  it('takes an hour that its profile lacks for an ordinary one', () => {
    const profile = new Map([[17, 4]]);
    expect(timeOfDaySpread(0.8, 17, profile, 2)).toBeCloseTo(6.4, 12);
    expect(timeOfDaySpread(0.8, 3, profile)).toBe(0.8);
  });
});

describe('commission', () => {
  const tiers = {
    tiers: [
      [0, 0.00002],
      [1e9, 0.000015],
      [2e9, 0.00001],
    ],
    minPerOrder: 2,
  } as const;

  it.each`
    notional     | volume | paid
    ${100_000}   | ${0}   | ${2}
    ${3_000_000} | ${0}   | ${60}
    ${3_000_000} | ${1e9} | ${45}
    ${3_000_000} | ${5e9} | ${30}
    ${0}         | ${0}   | ${0}
  `('of $notional after $volume this month is $paid', ({ notional, volume, paid }) => {
    expect(notionalCommission(notional, volume, tiers)).toBeCloseTo(paid, 9);
  });

  it.each`
    shares   | price | paid    | why
    ${100}   | ${50} | ${1}    | ${'the minimum'}
    ${1_000} | ${50} | ${5}    | ${'half a cent a share'}
    ${-1000} | ${50} | ${5}    | ${'selling costs the same'}
    ${5}     | ${1}  | ${0.05} | ${'the cap wins over the minimum'}
    ${0}     | ${50} | ${0}    | ${'nothing bought'}
  `('of $shares shares at $price is $paid: $why', ({ shares, price, paid }) => {
    expect(shareCommission(shares, price, defaultCosts.commission.stock)).toBeCloseTo(paid, 12);
  });

  it.each`
    assetClass  | units     | price     | rate   | paid
    ${'fx'}     | ${10_000} | ${1.1}    | ${1}   | ${0}
    ${'stock'}  | ${100}    | ${50}     | ${0.9} | ${0.9}
    ${'crypto'} | ${-0.5}   | ${60_000} | ${1}   | ${30}
    ${'other'}  | ${10}     | ${1_000}  | ${1}   | ${2}
  `('of an order in $assetClass is $paid in account currency', ({ assetClass, units, price, rate, paid }) => {
    const order = { assetClass, units, price, quoteToAccount: rate, monthVolume: 0 };
    expect(orderCommission(defaultCosts.commission, order)).toBeCloseTo(paid, 9);
    expect(orderCommission(noCosts.commission, order)).toBe(0);
  });

  it('refuses an asset class that does not exist', () => {
    const order = { assetClass: 'tulip' as 'other', units: 1, price: 1, quoteToAccount: 1, monthVolume: 0 };
    expect(() => orderCommission(defaultCosts.commission, order)).toThrow(/every case is handled/);
  });
});

describe('slippage', () => {
  it('is a fixed part and a share of the volatility, of which an unknown one counts nothing', () => {
    expect(slippageFraction({ fixedBps: 1, volatilityMultiple: 0.1 }, 0.002)).toBeCloseTo(0.0003, 12);
    expect(slippageFraction({ fixedBps: 1, volatilityMultiple: 0.1 }, Number.NaN)).toBeCloseTo(0.0001, 12);
    expect(slippageFraction(noCosts.slippage, Number.NaN)).toBe(0);
  });
});

describe('impact', () => {
  const order = { assetClass: 'stock' as const, units: 10_000, adv: 1_000_000, sigmaDaily: 0.02 };

  it('of a hundredth of the day at 2 % is 20 bps', () => {
    expect(squareRootImpact(1, 0.02, 10_000, 1_000_000)).toBeCloseTo(0.002, 12);
    expect(modelledImpact(defaultCosts.impact, order)).toBeCloseTo(0.002, 12);
  });

  it.each`
    given                               | model                  | change
    ${'less than 1e-4 of the day'}      | ${defaultCosts.impact} | ${{ units: 99 }}
    ${'a volume that nobody knows'}     | ${defaultCosts.impact} | ${{ assetClass: 'other', adv: undefined }}
    ${'a volume of zero'}               | ${defaultCosts.impact} | ${{ adv: 0 }}
    ${'a volatility that nobody knows'} | ${defaultCosts.impact} | ${{ sigmaDaily: Number.NaN }}
    ${'no costs'}                       | ${noCosts.impact}      | ${{}}
  `('is nothing for $given', ({ model, change }) => {
    expect(modelledImpact(model, { ...order, ...change })).toBe(0);
  });

  it('takes the figure of the asset class where the data has no volume', () => {
    expect(modelledImpact(defaultCosts.impact, { ...order, adv: undefined })).toBeCloseTo(0.002, 12);
  });

  it('of four times the size is twice as much', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e6, noNaN: true }), (size) => {
        const ratio = squareRootImpact(1, 0.01, 4 * size, 1e9) / squareRootImpact(1, 0.01, size, 1e9);
        expect(ratio).toBeCloseTo(2, 9);
      }),
    );
  });

  it('of Almgren and others 2005: 100,000 of a million shares in a tenth of a day cost 27.5 bps', () => {
    const input = { quantity: 100_000, volume: 1e6, days: 0.1, sigma: 0.0157, sharesOutstanding: 2e7 };
    const buy = almgren2005(input);
    const sell = almgren2005({ ...input, quantity: -100_000 });
    expect(buy.temporary * 1e4).toBeCloseTo(22.294, 3);
    expect(buy.cost * 1e4).toBeCloseTo(27.507, 3);
    expect(sell.cost).toBeCloseTo(-buy.cost, 15);
  });
});

describe('the schedule of Almgren and Chriss', () => {
  const paper = {
    quantity: 1_000_000,
    time: 5,
    intervals: 5,
    sigma: 0.95,
    eta: 2.5e-6,
    gamma: 2.5e-7,
    lambda: 1e-6,
    epsilon: 1 / 16,
  };
  const scheduleOf = (change: Partial<typeof paper>) => {
    const schedule = almgrenChriss({ ...paper, ...change });
    if ('reason' in schedule) throw new Error(schedule.reason);
    return schedule;
  };

  it('of the paper sells 458,044 on the first day', () => {
    expect(scheduleOf({}).kappa).toBeCloseTo(0.60708, 5);
    expect(scheduleOf({}).trades[0]).toBeCloseTo(458_044.4456, 3);
  });

  it('without risk aversion is a straight line', () => {
    scheduleOf({ lambda: 0 }).trades.forEach((trade) => {
      expect(trade).toBeCloseTo(200_000, 6);
    });
  });

  it('sells everything, faster with more risk aversion, without overflow at any', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -12, max: 3, noNaN: true }),
        fc.integer({ min: 1, max: 50 }),
        (exponent, intervals) => {
          const { holdings, trades } = scheduleOf({ lambda: 10 ** exponent, intervals, gamma: 0 });
          expect(holdings[0]).toBe(1_000_000);
          expect(holdings.at(-1)).toBeCloseTo(0, 6);
          expect(trades.reduce((sum, trade) => sum + trade, 0)).toBeCloseTo(1_000_000, 3);
          const bolder = scheduleOf({ lambda: 10 ** exponent * 10, intervals, gamma: 0 });
          expect(bolder.holdings[1] ?? 0).toBeLessThanOrEqual((holdings[1] ?? 0) + 1e-6);
          expect(bolder.variance).toBeLessThanOrEqual(
            scheduleOf({ lambda: 10 ** exponent, intervals, gamma: 0 }).variance * (1 + 1e-9),
          );
        },
      ),
    );
  });

  it('does not exist when the temporary impact is too small for its intervals', () => {
    expect(almgrenChriss({ ...paper, eta: 1e-8 })).toEqual({ reason: 'IMPACT_TOO_SMALL' });
  });
});
