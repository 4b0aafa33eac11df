import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../src/core/base/rng.js';
import { dot, matrixFrom, matrixOf, quadraticForm } from '../../../src/core/math/linalg.js';
import { type QuadraticProgram, solveQuadraticProgram } from '../../../src/core/math/optimise.js';

const ones = (n: number) => new Float64Array(n).fill(1);

/** min ½x'Qx + c'x, Σx = 1, in a box that leaves room. */
function someProgram(seed: number, n: number): QuadraticProgram {
  const rng = seededRng(seed);
  const a = Float64Array.from({ length: n * n }, () => rng.next() - 0.5);
  const scale = 10 ** Math.floor(rng.next() * 8 - 6);
  const q = matrixOf(n, (i, j) => {
    let sum = i === j ? 0.01 : 0;
    for (let k = 0; k < n; k++) sum += (a[i * n + k] ?? 0) * (a[j * n + k] ?? 0);
    return sum * scale;
  });
  const lower = Float64Array.from({ length: n }, () => (rng.next() < 0.5 ? 0 : -rng.next()));
  const upper = Float64Array.from({ length: n }, (_, i) => Math.max(lower[i] ?? 0, 0) + 1.2 / n + rng.next() / 2);
  const c = Float64Array.from({ length: n }, () => (rng.next() - 0.5) * scale);
  return { q, c, a: [ones(n)], b: Float64Array.of(1), lower, upper };
}

const objective = ({ q, c }: QuadraticProgram, x: Float64Array) => quadraticForm(q, x) / 2 + dot(c, x);

describe('a quadratic program', () => {
  it('without a bound that bites gives the textbook answer', () => {
    const solution = solveQuadraticProgram({
      q: matrixFrom([
        [2, 0],
        [0, 4],
      ]),
      c: new Float64Array(2),
      a: [ones(2)],
      b: Float64Array.of(1),
      lower: Float64Array.of(-10, -10),
      upper: Float64Array.of(10, 10),
    });
    expect(solution?.x[0]).toBeCloseTo(2 / 3, 12);
    expect(solution?.x[1]).toBeCloseTo(1 / 3, 12);
  });

  it('takes several equalities and variables without bounds', () => {
    const solution = solveQuadraticProgram({
      q: matrixFrom([
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ]),
      c: new Float64Array(3),
      a: [ones(3), Float64Array.of(1, -1, 0)],
      b: Float64Array.of(3, 1),
      lower: new Float64Array(3).fill(Number.NEGATIVE_INFINITY),
      upper: new Float64Array(3).fill(Number.POSITIVE_INFINITY),
    });
    expect(Array.from(solution?.x ?? []).map((x) => Math.round(x * 1e9) / 1e9)).toEqual([1.5, 0.5, 1]);
  });

  it('keeps a variable whose bounds are one number', () => {
    const program = {
      ...someProgram(5, 4),
      lower: Float64Array.of(0, 0.3, 0, 0),
      upper: Float64Array.of(1, 0.3, 1, 1),
    };
    const solution = solveQuadraticProgram(program);
    expect(solution?.x[1]).toBe(0.3);
    expect(dot(solution?.x ?? ones(4), ones(4))).toBeCloseTo(1, 12);
  });

  it('with all variables fixed is feasible or not', () => {
    const fixed = (value: number) => ({ ...someProgram(5, 2), lower: ones(2).fill(value), upper: ones(2).fill(value) });
    expect(Array.from(solveQuadraticProgram(fixed(0.5))?.x ?? [])).toEqual([0.5, 0.5]);
    expect(solveQuadraticProgram(fixed(0.4))).toBeUndefined();
  });

  it('that no point can meet has no solution', () => {
    const program = { ...someProgram(7, 3), lower: new Float64Array(3), upper: ones(3).fill(0.2) };
    expect(solveQuadraticProgram(program)).toBeUndefined();
  });

  it('meets its conditions to 1e-8, its sum to 1e-10 and its bounds to the bit, for any seed and scale', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 25 }), (seed, n) => {
        const program = someProgram(seed, n);
        const solution = solveQuadraticProgram(program);
        expect(solution?.residual).toBeLessThanOrEqual(1e-8);
        const x = solution?.x ?? new Float64Array(n);
        expect(Math.abs(dot(x, ones(n)) - 1)).toBeLessThanOrEqual(1e-10);
        x.forEach((value, i) => {
          expect(value).toBeGreaterThanOrEqual(program.lower[i] ?? 0);
          expect(value).toBeLessThanOrEqual(program.upper[i] ?? 0);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('no feasible neighbour is better', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 2, max: 12 }), fc.nat(), (seed, n, other) => {
        const program = someProgram(seed, n);
        const x = solveQuadraticProgram(program)?.x ?? new Float64Array(n);
        const rng = seededRng(other);
        const [i, j] = [Math.floor(rng.next() * n), Math.floor(rng.next() * n)];
        const room = Math.min((program.upper[i] ?? 0) - (x[i] ?? 0), (x[j] ?? 0) - (program.lower[j] ?? 0));
        const moved = Float64Array.from(x);
        moved[i] = (moved[i] ?? 0) + room * rng.next();
        moved[j] = (moved[j] ?? 0) - ((moved[i] ?? 0) - (x[i] ?? 0));
        if (i === j) return;
        const best = objective(program, x);
        expect(objective(program, moved)).toBeGreaterThanOrEqual(best - 1e-10 * Math.abs(best) - 1e-16);
      }),
    );
  });

  it('gives the same bytes twice', () => {
    const program = someProgram(99, 20);
    expect(solveQuadraticProgram(program)).toEqual(solveQuadraticProgram(program));
  });
});
