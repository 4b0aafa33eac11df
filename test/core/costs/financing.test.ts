import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  annualRateForSide,
  borrowCost,
  dayCountBasis,
  type FinancingInput,
  financingCredit,
  financingFor,
  forwardByParity,
} from '../../../src/core/costs/financing.js';
import { defaultCosts, noCosts } from '../../../src/core/costs/presets.js';

const aRoll = (change: Partial<FinancingInput> = {}): FinancingInput => ({
  units: 100_000,
  price: 1.1,
  baseRate: 0.0375,
  quoteRate: 0.0525,
  markup: 0,
  days: 1,
  base: 'EUR',
  quote: 'USD',
  quoteToAccount: 1,
  ...change,
});

it.each`
  currencies                   | basis
  ${'USD EUR JPY CHF NOK SEK'} | ${360}
  ${'GBP AUD NZD CAD ZAR'}     | ${365}
`('a year of $currencies has $basis days', ({ currencies, basis }) => {
  for (const currency of currencies.split(' ')) expect(dayCountBasis(currency)).toBe(basis);
});

describe('the rate of a side', () => {
  it.each`
    side       | markup    | rate
    ${'long'}  | ${0}      | ${-0.015}
    ${'short'} | ${0}      | ${0.015}
    ${'long'}  | ${0.0025} | ${-0.0175}
    ${'short'} | ${0.0025} | ${0.0125}
    ${'short'} | ${0.02}   | ${-0.005}
  `('$side with a mark-up of $markup is $rate', ({ side, markup, rate }) => {
    expect(annualRateForSide({ side, baseRate: 0.0375, quoteRate: 0.0525, markup })).toBeCloseTo(rate, 12);
  });
});

describe('financing of a roll', () => {
  it.each`
    given                                      | change                                                                                              | paid
    ${'long the currency of the lower rate'}   | ${{}}                                                                                               | ${(110_000 * 0.015) / 360}
    ${'short it'}                              | ${{ units: -100_000 }}                                                                              | ${(-110_000 * 0.015) / 360}
    ${'over a weekend'}                        | ${{ days: 3 }}                                                                                      | ${(3 * 110_000 * 0.015) / 360}
    ${'long pounds: 365 days there, 360 here'} | ${{ base: 'GBP', baseRate: 0.0525 }}                                                                | ${110_000 * (0.0525 / 360 - 0.0525 / 365)}
    ${'a negative rate costs its owner'}       | ${{ base: 'CHF', baseRate: -0.0075, quoteRate: 0 }}                                                 | ${(110_000 * 0.0075) / 360}
    ${'yen booked in dollars'}                 | ${{ base: 'USD', quote: 'JPY', price: 150, baseRate: 0.05, quoteRate: 0, quoteToAccount: 1 / 150 }} | ${(-100_000 * 0.05) / 360}
    ${'no rates, only the mark-up'}            | ${{ baseRate: 0, quoteRate: 0, markup: 0.0036 }}                                                    | ${1.1}
    ${'short, only the mark-up'}               | ${{ units: -100_000, baseRate: 0, quoteRate: 0, markup: 0.0036 }}                                   | ${1.1}
  `('$given pays $paid', ({ change, paid }) => {
    expect(financingFor(aRoll(change))).toBeCloseTo(paid, 9);
  });

  it('a long and a short of one size together pay twice the mark-up, never less', () => {
    const rate = fc.double({ min: -0.02, max: 0.5, noNaN: true });
    fc.assert(
      fc.property(
        rate,
        rate,
        fc.double({ min: 0, max: 0.03, noNaN: true }),
        fc.integer({ min: 1, max: 9 }),
        (baseRate, quoteRate, markup, days) => {
          const roll = aRoll({ baseRate, quoteRate, markup, days });
          const both = financingFor(roll) + financingFor({ ...roll, units: -roll.units });
          expect(both).toBeCloseTo((2 * 110_000 * markup * days) / 360, 6);
        },
      ),
    );
  });

  it('the broker’s own rate is a cash flow: positive is credited', () => {
    const credit = financingCredit({ units: -20_000, price: 98.5, annualRateForSide: 0.0285, days: 7, basis: 365 });
    expect(credit).toBeCloseTo(1_076.753425, 6);
  });
});

it('only a short stock pays for its borrow', () => {
  const position = { price: 50, borrowRate: 0.036, days: 10, quoteToAccount: 1 };
  expect(borrowCost({ ...position, units: -100 })).toBeCloseTo(5, 12);
  expect(borrowCost({ ...position, units: 100 })).toBe(0);
});

describe('the forward', () => {
  it('of EUR/USD in 90 days is 40 pips above the spot', () => {
    const { forward, points, annualCarryLong } = forwardByParity({
      spot: 1.085,
      baseRate: 0.0375,
      quoteRate: 0.0525,
      days: 90,
      baseBasis: 360,
      quoteBasis: 360,
      pip: 0.0001,
    });
    expect(forward).toBeCloseTo(1.08903096, 8);
    expect(points).toBeCloseTo(40.31, 2);
    expect(annualCarryLong).toBeCloseTo(-0.0150113, 7);
  });

  it('says what a roll of the same days says, but for interest on interest', () => {
    const rate = fc.double({ min: 0, max: 0.1, noNaN: true });
    fc.assert(
      fc.property(rate, rate, fc.integer({ min: 1, max: 30 }), (baseRate, quoteRate, days) => {
        const basis = { baseBasis: 360, quoteBasis: 360 };
        const { forward } = forwardByParity({ spot: 1.1, baseRate, quoteRate, days, ...basis, pip: 0.0001 });
        expect(Math.abs((forward - 1.1) * 100_000 - financingFor(aRoll({ baseRate, quoteRate, days })))).toBeLessThan(
          10,
        );
      }),
    );
  });
});

it('the rate differential is no cost: without costs it stays', () => {
  expect(noCosts.financing.markup).toBe(0);
  expect(defaultCosts.financing.markup).toBeGreaterThan(0);
  expect(financingFor(aRoll({ markup: noCosts.financing.markup }))).not.toBe(0);
});
