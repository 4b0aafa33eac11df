import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cholesky,
  choleskySolve,
  entry,
  isPositiveDefinite,
  isSymmetric,
  matrixFrom,
  matrixOf,
  multiply,
  quadraticForm,
  repairPositiveDefinite,
  rowsOf,
  solve,
  symmetricEigen,
} from '../../../src/core/math/linalg.js';

const size = fc.integer({ min: 1, max: 7 });
const numbers = (n: number) => fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: n, maxLength: n });
/** A·A' + I: positive definite whatever A is. */
const definite = size.chain((n) =>
  numbers(n * n).map((a) =>
    matrixOf(n, (i, j) => {
      let sum = i === j ? 1 : 0;
      for (let k = 0; k < n; k++) sum += (a[i * n + k] ?? 0) * (a[j * n + k] ?? 0);
      return sum;
    }),
  ),
);

describe('Cholesky', () => {
  it('gives the known triangle of a textbook matrix', () => {
    const lower = cholesky(
      matrixFrom([
        [4, 12, -16],
        [12, 37, -43],
        [-16, -43, 98],
      ]),
    );
    expect(lower && rowsOf(lower)).toEqual([
      [2, 0, 0],
      [6, 1, 0],
      [-8, 5, 3],
    ]);
  });

  it.each([
    [
      'indefinite',
      [
        [1, 2],
        [2, 1],
      ],
    ],
    [
      'singular',
      [
        [1, 1],
        [1, 1],
      ],
    ],
    [
      'zero on the diagonal',
      [
        [0, 0],
        [0, 1],
      ],
    ],
    [
      'asymmetric',
      [
        [1, 0.2],
        [0.1, 1],
      ],
    ],
    [
      'not a number',
      [
        [Number.NaN, 0],
        [0, 1],
      ],
    ],
  ])('a matrix that is %s is not positive definite', (_, rows) => {
    expect(isPositiveDefinite(matrixFrom(rows))).toBe(false);
  });

  it('solves what it factored, as elimination does', () => {
    fc.assert(
      fc.property(definite, fc.infiniteStream(fc.double({ min: -5, max: 5, noNaN: true })), (m, stream) => {
        const b = Float64Array.from(stream.take(m.n));
        const lower = cholesky(m);
        if (lower === undefined) throw new Error('positive definite by construction');
        const x = choleskySolve(lower, b);
        const other = solve(m, b);
        multiply(m, x).forEach((value, i) => {
          expect(value).toBeCloseTo(b[i] ?? 0, 8);
        });
        x.forEach((value, i) => {
          expect(value).toBeCloseTo(other?.[i] ?? Number.NaN, 8);
        });
      }),
    );
  });
});

describe('elimination', () => {
  it('solves a symmetric system that is not definite', () => {
    const x = solve(
      matrixFrom([
        [0, 1],
        [1, 0],
      ]),
      Float64Array.of(2, 3),
    );
    expect(Array.from(x ?? [])).toEqual([3, 2]);
  });

  it('a singular system has no answer', () => {
    expect(
      solve(
        matrixFrom([
          [1, 2],
          [2, 4],
        ]),
        Float64Array.of(1, 2),
      ),
    ).toBeUndefined();
  });
});

describe('eigenvalues', () => {
  it('of a known matrix, ascending', () => {
    const { values } = symmetricEigen(
      matrixFrom([
        [2, 1],
        [1, 2],
      ]),
    );
    expect(values[0]).toBeCloseTo(1, 14);
    expect(values[1]).toBeCloseTo(3, 14);
  });

  it('each vector is stretched by its value, and is of length one', () => {
    fc.assert(
      fc.property(definite, (m) => {
        const { values, vectors } = symmetricEigen(m);
        vectors.forEach((vector, k) => {
          const stretched = multiply(m, vector);
          stretched.forEach((value, i) => {
            expect(value).toBeCloseTo((values[k] ?? 0) * (vector[i] ?? 0), 8);
          });
          expect(vector.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 10);
        });
      }),
    );
  });
});

describe('repair of a covariance', () => {
  it('leaves a positive definite matrix as it is', () => {
    const m = matrixFrom([
      [2, 1],
      [1, 2],
    ]);
    expect(repairPositiveDefinite(m)).toEqual({ matrix: m, raised: 0 });
  });

  it('raises the negative eigenvalue of an impossible correlation and says how many', () => {
    const impossible = matrixFrom([
      [1, 0.9, -0.9],
      [0.9, 1, 0.9],
      [-0.9, 0.9, 1],
    ]);
    expect(isPositiveDefinite(impossible)).toBe(false);
    const { matrix, raised } = repairPositiveDefinite(impossible);
    expect(raised).toBe(1);
    expect(isSymmetric(matrix)).toBe(true);
    expect(symmetricEigen(matrix).values[0]).toBeGreaterThan(0);
  });
});

it('a quadratic form is the sum over all pairs', () => {
  const m = matrixFrom([
    [1, 2],
    [2, 5],
  ]);
  expect(quadraticForm(m, Float64Array.of(3, -1))).toBe(9 - 12 + 5);
  expect(entry(m, 1, 0)).toBe(2);
});

it('rows of unequal length are a bug of the caller', () => {
  expect(() => matrixFrom([[1, 2], [3]])).toThrow(/as many columns as rows/);
});
