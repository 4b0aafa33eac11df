import { assert } from '../base/assert.js';

/** A dense square matrix, row by row in one column of numbers. */
export interface Matrix {
  readonly n: number;
  readonly data: Float64Array;
}

/** Entry of row `i`, column `j`. */
export const entry = (m: Matrix, i: number, j: number): number => m.data[i * m.n + j] as number;

/** Element `i` of a vector whose length the caller knows. */
export const item = (v: Float64Array, i: number): number => v[i] as number;

/** An `n × n` matrix whose entries come from `value(i, j)`. */
export function matrixOf(n: number, value: (i: number, j: number) => number): Matrix {
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) data[i * n + j] = value(i, j);
  return { n, data };
}

/** A matrix from rows of numbers, as JSON has them. */
export function matrixFrom(rows: readonly ArrayLike<number>[]): Matrix {
  const n = rows.length;
  for (const row of rows) assert(row.length === n, 'a matrix has as many columns as rows');
  return matrixOf(n, (i, j) => rows[i]?.[j] ?? Number.NaN);
}

/** The rows of `m` as plain arrays, for JSON and tables. */
export function rowsOf(m: Matrix): number[][] {
  return Array.from({ length: m.n }, (_, i) => Array.from(m.data.subarray(i * m.n, (i + 1) * m.n)));
}

/** Sum of the products of two vectors of one length. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += item(a, i) * item(b, i);
  return sum;
}

/** `m · v`. */
export function multiply(m: Matrix, v: Float64Array): Float64Array {
  const { n } = m;
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += entry(m, i, j) * item(v, j);
    out[i] = sum;
  }
  return out;
}

/** `v' · m · v`. */
export function quadraticForm(m: Matrix, v: Float64Array): number {
  return dot(v, multiply(m, v));
}

/** True when `m` equals its mirror image to 1e-10 of its largest entry. */
export function isSymmetric(m: Matrix): boolean {
  let largest = 0;
  for (const value of m.data) largest = Math.max(largest, Math.abs(value));
  for (let i = 0; i < m.n; i++) {
    for (let j = 0; j < i; j++) {
      if (!(Math.abs(entry(m, i, j) - entry(m, j, i)) <= 1e-10 * largest)) return false;
    }
  }
  return true;
}

/**
 * The lower triangle L with L·L' = m, or undefined when `m` is not positive definite.
 * A pivot at or below `tolerance` times its diagonal entry counts as zero: the sample covariance of too few observations
 * is singular, and in binary fractions its last pivots are dust instead of zero.
 */
export function cholesky(m: Matrix, tolerance = 1e-12): Matrix | undefined {
  const { n, data } = m;
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = item(data, i * n + j);
      for (let k = 0; k < j; k++) sum -= item(lower, i * n + k) * item(lower, j * n + k);
      if (i !== j) {
        lower[i * n + j] = sum / item(lower, j * n + j);
      } else {
        if (!(sum > tolerance * Math.abs(item(data, i * n + i)))) return undefined;
        lower[i * n + i] = Math.sqrt(sum);
      }
    }
  }
  return { n, data: lower };
}

/** Solves m·x = b for the `lower` that `cholesky(m)` gave. */
export function choleskySolve(lower: Matrix, b: Float64Array): Float64Array {
  const { n, data } = lower;
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    let sum = item(x, i);
    for (let k = 0; k < i; k++) sum -= item(data, i * n + k) * item(x, k);
    x[i] = sum / item(data, i * n + i);
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = item(x, i);
    for (let k = i + 1; k < n; k++) sum -= item(data, k * n + i) * item(x, k);
    x[i] = sum / item(data, i * n + i);
  }
  return x;
}

/** True when `m` is symmetric and all its eigenvalues are above zero by more than rounding noise. */
export function isPositiveDefinite(m: Matrix): boolean {
  return isSymmetric(m) && cholesky(m) !== undefined;
}

/**
 * Solves m·x = b by Gaussian elimination with row pivoting; undefined when `m` is singular to working accuracy.
 * For systems that are symmetric but not definite (the optimality conditions of a constrained problem).
 */
export function solve(m: Matrix, b: Float64Array): Float64Array | undefined {
  const { n } = m;
  const a = Float64Array.from(m.data);
  const x = Float64Array.from(b);
  let largest = 0;
  for (const value of a) largest = Math.max(largest, Math.abs(value));
  for (let col = 0; col < n; col++) {
    const pivot = pivotRow(a, n, col);
    if (!(Math.abs(item(a, pivot * n + col)) > 1e-14 * largest)) return undefined;
    swapRows(a, x, n, col, pivot);
    for (let row = col + 1; row < n; row++) {
      const factor = item(a, row * n + col) / item(a, col * n + col);
      if (factor === 0) continue;
      for (let k = col; k < n; k++) a[row * n + k] = item(a, row * n + k) - factor * item(a, col * n + k);
      x[row] = item(x, row) - factor * item(x, col);
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = item(x, i);
    for (let k = i + 1; k < n; k++) sum -= item(a, i * n + k) * item(x, k);
    x[i] = sum / item(a, i * n + i);
  }
  return x;
}

function pivotRow(a: Float64Array, n: number, col: number): number {
  let best = col;
  for (let row = col + 1; row < n; row++) {
    if (Math.abs(item(a, row * n + col)) > Math.abs(item(a, best * n + col))) best = row;
  }
  return best;
}

function swapRows(a: Float64Array, x: Float64Array, n: number, i: number, j: number): void {
  if (i === j) return;
  const row = a.slice(i * n, (i + 1) * n);
  a.copyWithin(i * n, j * n, (j + 1) * n);
  a.set(row, j * n);
  const value = item(x, i);
  x[i] = item(x, j);
  x[j] = value;
}

/** Eigenvalues, ascending, and their unit vectors (`vectors[k]` belongs to `values[k]`). */
export interface Eigen {
  readonly values: Float64Array;
  readonly vectors: readonly Float64Array[];
}

/** Eigenvalues and vectors of a symmetric matrix by cyclic Jacobi rotations: slow beyond a few hundred rows, exact below. */
export function symmetricEigen(m: Matrix): Eigen {
  assert(isSymmetric(m), 'the eigenvalues of a symmetric matrix are asked for');
  const { n } = m;
  const a = Float64Array.from(m.data);
  const v = matrixOf(n, (i, j) => (i === j ? 1 : 0)).data;
  for (let sweep = 0; sweep < 60 && offDiagonal(a, n) > 0; sweep++) {
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, v, n, p, q);
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((x, y) => item(a, x * n + x) - item(a, y * n + y) || x - y);
  return {
    values: Float64Array.from(order, (k) => item(a, k * n + k)),
    vectors: order.map((k) => Float64Array.from({ length: n }, (_, i) => item(v, i * n + k))),
  };
}

/** Sum of squares above the diagonal; 0 once they no longer show beside the diagonal. */
function offDiagonal(a: Float64Array, n: number): number {
  let off = 0;
  let on = 0;
  for (let i = 0; i < n; i++) {
    on += item(a, i * n + i) ** 2;
    for (let j = i + 1; j < n; j++) off += item(a, i * n + j) ** 2;
  }
  return off > 1e-32 * on ? off : 0;
}

function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const apq = item(a, p * n + q);
  if (apq === 0) return;
  const theta = (item(a, q * n + q) - item(a, p * n + p)) / (2 * apq);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < n; k++) turn(a, k * n + p, k * n + q, c, s);
  for (let k = 0; k < n; k++) turn(a, p * n + k, q * n + k, c, s);
  for (let k = 0; k < n; k++) turn(v, k * n + p, k * n + q, c, s);
}

function turn(values: Float64Array, i: number, j: number, c: number, s: number): void {
  const x = item(values, i);
  const y = item(values, j);
  values[i] = c * x - s * y;
  values[j] = s * x + c * y;
}

/**
 * `m` with every eigenvalue raised to at least 1e-10 × trace ÷ n, and how many were raised (0: `m` itself).
 * Mends a covariance that rounding or pairwise estimates made indefinite; the caller says so in its log.
 */
export function repairPositiveDefinite(m: Matrix): { readonly matrix: Matrix; readonly raised: number } {
  const { values, vectors } = symmetricEigen(m);
  let trace = 0;
  for (let i = 0; i < m.n; i++) trace += entry(m, i, i);
  const floor = (1e-10 * trace) / m.n;
  const raised = values.filter((value) => value < floor).length;
  if (raised === 0) return { matrix: m, raised };
  const data = new Float64Array(m.n * m.n);
  vectors.forEach((vector, k) => {
    const value = Math.max(item(values, k), floor);
    for (let i = 0; i < m.n; i++) {
      for (let j = 0; j < m.n; j++)
        data[i * m.n + j] = item(data, i * m.n + j) + value * item(vector, i) * item(vector, j);
    }
  });
  return { matrix: { n: m.n, data }, raised };
}
