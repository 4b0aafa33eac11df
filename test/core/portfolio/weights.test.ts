import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entry, matrixFrom, matrixOf, quadraticForm } from '../../../src/core/math/linalg.js';
import { hrp } from '../../../src/core/portfolio/hrp.js';
import { maxSharpe, sharpeOf } from '../../../src/core/portfolio/max-sharpe.js';
import { meanVariance } from '../../../src/core/portfolio/mean-variance.js';
import { minVariance } from '../../../src/core/portfolio/min-variance.js';
import { riskParity, riskShares } from '../../../src/core/portfolio/risk-parity.js';
import { largestDifference, permuted, scaled, someCovariance, sumOf } from './a-market.js';

const code = (code: string) => expect.objectContaining({ code });
const assets = fc.integer({ min: 2, max: 12 });
const boxOf = (n: number): [number, number] => [0, Math.min(1, 1.7 / n)];
const meanOf = (seed: number, n: number) =>
  Float64Array.from({ length: n }, (_, i) => (((seed + 7 * i * i) % 13) - 5) / 1_000);

const methods = [
  ['least variance', (c: ReturnType<typeof someCovariance>) => minVariance(c)],
  ['least variance in a box', (c: ReturnType<typeof someCovariance>) => minVariance(c, boxOf(c.n))],
  ['risk parity', (c: ReturnType<typeof someCovariance>) => riskParity(c)],
  ['hierarchical risk parity', (c: ReturnType<typeof someCovariance>) => hrp(c).weights],
] as const;

describe.each(methods)('%s', (_, weigh) => {
  it('adds up to one', () => {
    fc.assert(
      fc.property(fc.nat(), assets, (seed, n) => {
        expect(Math.abs(sumOf(weigh(someCovariance(seed, n))) - 1)).toBeLessThanOrEqual(1e-10);
      }),
    );
  });

  it('does not change when the covariance is scaled', () => {
    fc.assert(
      fc.property(fc.nat(), assets, fc.double({ min: 0.01, max: 1_000, noNaN: true }), (seed, n, factor) => {
        const covariance = someCovariance(seed, n);
        expect(largestDifference(weigh(covariance), weigh(scaled(covariance, factor)))).toBeLessThan(1e-7);
      }),
    );
  });

  it('refuses a covariance that is not symmetric', () => {
    expect(() =>
      weigh(
        matrixFrom([
          [1, 0.2],
          [0.1, 1],
        ]),
      ),
    ).toThrow(code('DATA.NOT_SYMMETRIC'));
  });
});

// The tree of hierarchical risk parity breaks ties between left and right by the order of the assets.
describe.each(methods.slice(0, 3))('%s', (_, weigh) => {
  it('moves with its assets when they change places', () => {
    fc.assert(
      fc.property(fc.nat(), assets, (seed, n) => {
        const covariance = someCovariance(seed, n);
        const order = Array.from({ length: n }, (_, i) => n - 1 - i);
        const there = weigh(permuted(covariance, order));
        const back = order.map((_, i) => there[order.indexOf(i)] ?? Number.NaN);
        expect(largestDifference(weigh(covariance), back)).toBeLessThan(1e-7);
      }),
    );
  });
});

describe('least variance', () => {
  it('stays in its box and is never riskier than equal weights', () => {
    fc.assert(
      fc.property(fc.nat(), assets, (seed, n) => {
        const covariance = someCovariance(seed, n);
        const [low, high] = boxOf(n);
        const weights = minVariance(covariance, [low, high]);
        for (const w of weights) expect(w >= low && w <= high).toBe(true);
        const equal = new Float64Array(n).fill(1 / n);
        expect(quadraticForm(covariance, weights)).toBeLessThanOrEqual(quadraticForm(covariance, equal) * (1 + 1e-12));
      }),
    );
  });

  it.each([
    ['too little room below one', [0, 0.3] as const],
    ['too much weight forced', [0.5, 1] as const],
    [
      'a lower bound above the upper',
      [
        [0.4, 0.2],
        [0, 1],
        [0, 1],
      ] as const,
    ],
    [
      'a bound missing',
      [
        [0, 1],
        [0, 1],
      ] as const,
    ],
  ])('refuses bounds with %s', (_, bounds) => {
    expect(() => minVariance(someCovariance(1, 3), bounds)).toThrow(code('DATA.INFEASIBLE_BOUNDS'));
  });

  it('takes the one portfolio that tight bounds leave', () => {
    const covariance = someCovariance(1, 4);
    expect(Array.from(minVariance(covariance, [0, 0.25]))).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect(Array.from(minVariance(covariance, [0.25, 1]))).toEqual([0.25, 0.25, 0.25, 0.25]);
  });

  it('refuses assets that copy one another', () => {
    expect(() =>
      minVariance(
        matrixFrom([
          [1, 1],
          [1, 1],
        ]),
      ),
    ).toThrow(code('DATA.NOT_POSITIVE_DEFINITE'));
  });
});

describe('the highest Sharpe ratio', () => {
  it('beats every long portfolio it is compared with', () => {
    fc.assert(
      fc.property(fc.nat(), assets, (seed, n) => {
        const covariance = someCovariance(seed, n);
        const mean = meanOf(seed, n);
        const best = maxSharpe({ covariance, mean, riskFree: 0, sides: 'long' });
        if ('reason' in best) return;
        const ratio = (w: Float64Array) => sharpeOf(w, mean, 0, quadraticForm(covariance, w)) ?? Number.NaN;
        expect(Math.abs(sumOf(best.weights) - 1)).toBeLessThanOrEqual(1e-10);
        expect(best.weights.every((w) => w >= 0)).toBe(true);
        for (let i = 0; i < n; i++) {
          const one = Float64Array.from({ length: n }, (_, j) => (i === j ? 1 : 0));
          expect(ratio(best.weights)).toBeGreaterThanOrEqual(ratio(one) - 1e-9);
        }
        expect(ratio(best.weights)).toBeGreaterThanOrEqual(ratio(new Float64Array(n).fill(1 / n)) - 1e-9);
      }),
    );
  });

  it('keeps a cap, and a lower cap never gives a better ratio', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 3, max: 9 }), (seed, n) => {
        const covariance = someCovariance(seed, n);
        const mean = meanOf(seed, n);
        const at = (maxWeight: number) => maxSharpe({ covariance, mean, riskFree: 0, sides: 'long', maxWeight });
        const [free, capped] = [at(1), at(0.4)];
        if ('reason' in free || 'reason' in capped) return;
        expect(Math.max(...capped.weights)).toBeLessThanOrEqual(0.4 + 1e-9);
        const ratio = (w: Float64Array) => sharpeOf(w, mean, 0, quadraticForm(covariance, w)) ?? Number.NaN;
        expect(ratio(capped.weights)).toBeLessThanOrEqual(ratio(free.weights) + 1e-9);
      }),
    );
  });

  it.each(['long', 'free'] as const)('has no answer, %s, when nothing beats cash', (sides) => {
    const covariance = matrixFrom([
      [0.04, 0],
      [0, 0.01],
    ]);
    const nothing = maxSharpe({ covariance, mean: Float64Array.of(0.01, 0.02), riskFree: 0.02, sides });
    expect(nothing).toEqual({ reason: 'NO_POSITIVE_EXCESS_RETURN' });
  });

  it('has no answer when the cap forces assets in that lose to cash', () => {
    const covariance = matrixFrom([
      [0.04, 0],
      [0, 0.01],
    ]);
    const mean = Float64Array.of(0.03, -0.05);
    expect(maxSharpe({ covariance, mean, riskFree: 0, sides: 'long', maxWeight: 0.5 })).toHaveProperty('reason');
  });

  it('refuses a mean of the wrong length and a cap that leaves no portfolio', () => {
    const covariance = someCovariance(1, 3);
    const input = { covariance, riskFree: 0, sides: 'long' as const };
    expect(() => maxSharpe({ ...input, mean: Float64Array.of(1) })).toThrow(code('DATA.LENGTH_MISMATCH'));
    const mean = Float64Array.of(0.1, 0.1, 0.1);
    expect(() => maxSharpe({ ...input, mean, maxWeight: 0.2 })).toThrow(code('DATA.INFEASIBLE_BOUNDS'));
  });

  it('is not a number without variance', () => {
    expect(sharpeOf(Float64Array.of(1), Float64Array.of(0.1), 0, 0)).toBeUndefined();
  });
});

describe('mean and variance with a cost of trading', () => {
  it('keeps every weight exactly when trading costs more than it can bring', () => {
    fc.assert(
      fc.property(fc.nat(), assets, (seed, n) => {
        const previous = new Float64Array(n).fill(1 / n);
        const result = meanVariance({
          covariance: someCovariance(seed, n),
          mean: meanOf(seed, n),
          riskAversion: 5,
          turnoverCost: 1,
          previous,
          bounds: [0, 1],
        });
        expect(Array.from(result.weights)).toEqual(Array.from(previous));
        expect(result.turnover).toBe(0);
      }),
    );
  });

  it('trades no more when trading costs more, and stays in its box', () => {
    fc.assert(
      fc.property(fc.nat(), assets, (seed, n) => {
        const box = boxOf(n);
        const at = (turnoverCost: number) =>
          meanVariance({
            covariance: someCovariance(seed, n),
            mean: meanOf(seed, n),
            riskAversion: 20,
            turnoverCost,
            previous: new Float64Array(n).fill(1 / n),
            bounds: box,
          });
        const results = [0, 0.0005, 0.002, 0.01].map(at);
        results.forEach(({ weights, turnover }, i) => {
          expect(Math.abs(sumOf(weights) - 1)).toBeLessThanOrEqual(1e-10);
          for (const w of weights) expect(w >= box[0] - 1e-12 && w <= box[1] + 1e-12).toBe(true);
          if (i > 0) expect(turnover).toBeLessThanOrEqual((results[i - 1]?.turnover ?? 0) + 1e-7);
        });
      }),
    );
  });

  it('brings weights that were outside the bounds back in', () => {
    const { weights } = meanVariance({
      covariance: someCovariance(3, 3),
      mean: new Float64Array(3),
      riskAversion: 1,
      turnoverCost: 1,
      previous: Float64Array.of(0.9, 0.1, -0.2),
      bounds: [0, 0.6],
    });
    expect(weights.every((w) => w >= 0 && w <= 0.6)).toBe(true);
    expect(weights[0]).toBeCloseTo(0.6, 9);
    expect(sumOf(weights)).toBeCloseTo(1, 10);
  });
});

describe('risk parity', () => {
  it('of two assets is the inverse of their volatilities, whatever their correlation', () => {
    for (const correlation of [-0.9, 0, 0.3, 0.95]) {
      const covariance = matrixFrom([
        [0.01, 0.02 * correlation],
        [0.02 * correlation, 0.04],
      ]);
      expect(riskParity(covariance)[0]).toBeCloseTo(2 / 3, 10);
    }
  });

  it('shares the risk as the budget says, to 1e-8', () => {
    fc.assert(
      fc.property(fc.nat(), assets, (seed, n) => {
        const covariance = someCovariance(seed, n);
        const budget = Float64Array.from({ length: n }, (_, i) => 1 + ((seed + i) % 9));
        const shares = riskShares(covariance, riskParity(covariance, budget));
        const total = sumOf(budget);
        expect(
          largestDifference(
            shares,
            budget.map((b) => b / total),
          ),
        ).toBeLessThan(1e-8);
      }),
    );
  });

  it.each([1e-6, 1e-3])('holds for a budget as small as %d', (small) => {
    const covariance = someCovariance(4, 3);
    const shares = riskShares(covariance, riskParity(covariance, Float64Array.of(small, 1, 1)));
    expect(shares[0]).toBeCloseTo(small / (2 + small), 9);
  });

  it('refuses a budget of zero and one of the wrong length', () => {
    const covariance = someCovariance(4, 2);
    expect(() => riskParity(covariance, Float64Array.of(0, 1))).toThrow(code('DATA.INVALID_BUDGET'));
    expect(() => riskParity(covariance, Float64Array.of(1))).toThrow(code('DATA.LENGTH_MISMATCH'));
  });

  it('of a hundred assets settles', () => {
    const covariance = someCovariance(11, 100);
    expect(
      largestDifference(riskShares(covariance, riskParity(covariance)), new Float64Array(100).fill(0.01)),
    ).toBeLessThan(1e-8);
  });
});

describe('hierarchical risk parity', () => {
  it('of one asset is all of it', () => {
    expect(hrp(matrixFrom([[0.04]])).weights).toEqual(Float64Array.of(1));
  });

  it('takes equal distances in the order of the assets', () => {
    const equal = matrixOf(5, (i, j) => (i === j ? 0.04 : 0.01));
    expect(hrp(equal).leafOrder).toEqual([4, 3, 2, 0, 1]);
    expect(sumOf(hrp(equal).weights)).toBeCloseTo(1, 12);
  });

  it('names each asset once and joins at growing distances', () => {
    fc.assert(
      fc.property(fc.nat(), assets, (seed, n) => {
        const { leafOrder, linkHeights } = hrp(someCovariance(seed, n));
        expect([...leafOrder].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
        expect([...linkHeights].sort((a, b) => a - b)).toEqual(linkHeights);
      }),
    );
  });

  it('needs no covariance that can be inverted, but variance', () => {
    expect(
      sumOf(
        hrp(
          matrixFrom([
            [1, 1],
            [1, 1],
          ]),
        ).weights,
      ),
    ).toBe(1);
    expect(() =>
      hrp(
        matrixFrom([
          [1, 0],
          [0, 0],
        ]),
      ),
    ).toThrow(code('DATA.ZERO_VARIANCE'));
  });
});

it('the market of these tests is made of real covariances', () => {
  expect(entry(someCovariance(1, 3), 0, 0)).toBeGreaterThan(0);
});
