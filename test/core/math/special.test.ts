import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inverseNormalCdf, normalCdf, normalPdf } from '../../../src/core/math/special.js';

describe('normal law', () => {
  // Values of erfc in 50-digit arithmetic, as printed in tables.
  it.each`
    x        | below
    ${0}     | ${0.5}
    ${1}     | ${0.8413447460685429}
    ${-1}    | ${0.15865525393145705}
    ${1.96}  | ${0.9750021048517795}
    ${-3}    | ${0.0013498980316300933}
    ${-5}    | ${2.866515718791939e-7}
    ${-10}   | ${7.61985302416047e-24}
    ${-37}   | ${5.725571222524576e-300}
    ${8}     | ${0.9999999999999993}
    ${-1e9}  | ${0}
    ${1e300} | ${1}
  `('the chance of being below $x is $below', ({ x, below }: { x: number; below: number }) => {
    expect(Math.abs(normalCdf(x) - below)).toBeLessThanOrEqual(2e-13 * below);
  });

  it.each`
    p         | x
    ${0.5}    | ${0}
    ${0.975}  | ${1.959963984540054}
    ${0.05}   | ${-1.6448536269514729}
    ${0.01}   | ${-2.3263478740408408}
    ${1e-300} | ${-37.0471}
  `('the quantile at $p is $x', ({ p, x }: { p: number; x: number }) => {
    expect(inverseNormalCdf(p)).toBeCloseTo(x, p < 1e-10 ? 4 : 12);
  });

  it('has no quantile outside 0 to 1, and infinite ones at the ends', () => {
    expect([-0.1, 1.1, Number.NaN].map(inverseNormalCdf)).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect([inverseNormalCdf(0), inverseNormalCdf(1)]).toEqual([-Infinity, Infinity]);
  });

  it('goes through the quantile and back to the same probability', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1 - 1e-12, noNaN: true }), (p) => {
        expect(Math.abs(normalCdf(inverseNormalCdf(p)) / p - 1)).toBeLessThan(3e-12);
      }),
    );
  });

  it('is symmetric, rises, and has the density as its slope', () => {
    fc.assert(
      fc.property(fc.double({ min: -8, max: 8, noNaN: true }), (x) => {
        expect(normalCdf(x) + normalCdf(-x)).toBeCloseTo(1, 14);
        expect(normalCdf(x + 1e-3)).toBeGreaterThanOrEqual(normalCdf(x));
        expect((normalCdf(x + 1e-5) - normalCdf(x - 1e-5)) / 2e-5).toBeCloseTo(normalPdf(x), 8);
      }),
    );
  });
});
