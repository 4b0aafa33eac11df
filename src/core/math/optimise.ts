import { cholesky, choleskySolve, dot, entry, item, type Matrix, matrixOf, multiply, solve } from './linalg.js';

/** Minimize ½·x'Qx + c'x subject to A·x = b and lower ≤ x ≤ upper. `q` is positive semidefinite. */
export interface QuadraticProgram {
  readonly q: Matrix;
  readonly c: Float64Array;
  /** Rows of A. */
  readonly a: readonly Float64Array[];
  readonly b: Float64Array;
  /** May hold −Infinity; a variable without any bound needs curvature of its own in `q`. */
  readonly lower: Float64Array;
  /** May hold Infinity. */
  readonly upper: Float64Array;
}

export interface QuadraticSolution {
  readonly x: Float64Array;
  /** Largest breach of the optimality conditions (KKT), with the objective scaled so that its largest entry is 1. */
  readonly residual: number;
  readonly iterations: number;
}

const MAX_ITERATIONS = 100;
const ACCEPTED_RESIDUAL = 1e-8;

/**
 * The minimum of a convex quadratic program, or undefined when no point meets the constraints.
 *
 * Mehrotra's predictor-corrector interior point method finds which bounds hold the solution; then the equations of
 * exactly those bounds are solved, so that bounds are met to the last bit and the sum constraint to rounding. Square
 * roots and the four operations only: the same bytes on every machine.
 */
export function solveQuadraticProgram(program: QuadraticProgram): QuadraticSolution | undefined {
  const open = indexesWhere(program.c.length, (i) => item(program.upper, i) > item(program.lower, i));
  if (open.length < program.c.length) return solveWithoutFixed(program, open);
  const scaled = scaleObjective(program);
  const state = startingPoint(scaled);
  const firstGap = largestOf(gaps(scaled, state.x));
  const firstMu = complementarity(scaled, state);
  let iterations = 0;
  while (iterations < MAX_ITERATIONS && !converged(scaled, state)) {
    const early = complementarity(scaled, state) < 1e-10 ? polish(scaled, state) : undefined;
    if (early !== undefined && early.residual <= 1e-12) return { ...early, iterations };
    iterations++;
    // Bounds must not close in before A·x = b holds: the walk would end in a corner that is no solution.
    const least = firstGap > 0 ? (0.1 * firstMu * largestOf(gaps(scaled, state.x))) / firstGap : 0;
    if (!advance(scaled, state, least)) break;
  }
  const solution = polish(scaled, state) ?? clipped(scaled, state);
  return solution.residual <= ACCEPTED_RESIDUAL ? { ...solution, iterations } : undefined;
}

/** A variable with lower = upper has no inside to walk through: it is put into the constants and back. */
function solveWithoutFixed(program: QuadraticProgram, open: readonly number[]): QuadraticSolution | undefined {
  const { q, c, a, b, lower, upper } = program;
  const fixed = Float64Array.from(lower, (value, i) => (item(upper, i) > value ? 0 : value));
  const pull = multiply(q, fixed);
  const pick = (v: Float64Array): Float64Array => Float64Array.from(open, (i) => item(v, i));
  const rest = b.map((value, k) => value - dot(a[k] as Float64Array, fixed));
  if (open.length === 0) {
    return rest.every((gap) => Math.abs(gap) <= ACCEPTED_RESIDUAL)
      ? { x: fixed, residual: 0, iterations: 0 }
      : undefined;
  }
  const reduced = solveQuadraticProgram({
    q: matrixOf(open.length, (i, j) => entry(q, open[i] as number, open[j] as number)),
    c: pick(c.map((value, i) => value + item(pull, i))),
    a: a.map(pick),
    b: rest,
    lower: pick(lower),
    upper: pick(upper),
  });
  if (reduced === undefined) return undefined;
  const x = Float64Array.from(fixed);
  open.forEach((target, i) => {
    x[target] = item(reduced.x, i);
  });
  return { ...reduced, x };
}

function scaleObjective(program: QuadraticProgram): QuadraticProgram {
  let largest = 0;
  for (const value of program.q.data) largest = Math.max(largest, Math.abs(value));
  for (const value of program.c) largest = Math.max(largest, Math.abs(value));
  const scale = largest > 0 ? 1 / largest : 1;
  return {
    ...program,
    q: { n: program.q.n, data: program.q.data.map((value) => value * scale) },
    c: program.c.map((value) => value * scale),
  };
}

/** Where the walk is: the point, the multipliers of A, and those of the two bounds (0 where there is none). */
interface State {
  x: Float64Array;
  y: Float64Array;
  zLower: Float64Array;
  zUpper: Float64Array;
}

function startingPoint({ lower, upper, a }: QuadraticProgram): State {
  const x = lower.map((low, i) => {
    const high = item(upper, i);
    if (Number.isFinite(low) && Number.isFinite(high)) return (low + high) / 2;
    if (Number.isFinite(low)) return low + 1;
    return Number.isFinite(high) ? high - 1 : 0;
  });
  const one = (bound: number): number => (Number.isFinite(bound) ? 1 : 0);
  return { x, y: new Float64Array(a.length), zLower: lower.map(one), zUpper: upper.map(one) };
}

/** Qx + c − A'y: what the bounds' multipliers must balance. */
function gradient({ q, c, a }: QuadraticProgram, x: Float64Array, y: Float64Array): Float64Array {
  const g = multiply(q, x);
  for (let i = 0; i < g.length; i++) g[i] = item(g, i) + item(c, i);
  a.forEach((row, k) => {
    for (let i = 0; i < g.length; i++) g[i] = item(g, i) - item(row, i) * item(y, k);
  });
  return g;
}

function gaps({ a, b }: QuadraticProgram, x: Float64Array): Float64Array {
  return b.map((value, k) => dot(a[k] as Float64Array, x) - value);
}

/** Mean of slack × multiplier over all finite bounds; 0 at the solution. */
function complementarity({ lower, upper }: QuadraticProgram, s: State): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < s.x.length; i++) {
    const slackLow = item(s.x, i) - item(lower, i);
    const slackHigh = item(upper, i) - item(s.x, i);
    if (Number.isFinite(slackLow)) sum += slackLow * item(s.zLower, i);
    if (Number.isFinite(slackHigh)) sum += slackHigh * item(s.zUpper, i);
    count += (Number.isFinite(slackLow) ? 1 : 0) + (Number.isFinite(slackHigh) ? 1 : 0);
  }
  return count === 0 ? 0 : sum / count;
}

function converged(program: QuadraticProgram, s: State): boolean {
  if (complementarity(program, s) > 1e-18) return false;
  const dual = gradient(program, s.x, s.y).map((g, i) => g - item(s.zLower, i) + item(s.zUpper, i));
  return largestOf(dual) < 1e-11 && largestOf(gaps(program, s.x)) < 1e-12;
}

function largestOf(v: Float64Array): number {
  let largest = 0;
  for (const value of v) largest = Math.max(largest, Math.abs(value));
  return largest;
}

interface Step {
  readonly dx: Float64Array;
  readonly dy: Float64Array;
  readonly dzLower: Float64Array;
  readonly dzUpper: Float64Array;
}

/** One predictor and corrector step in place; false when rounding stops further progress. */
function advance(program: QuadraticProgram, s: State, leastMu: number): boolean {
  const slackLow = s.x.map((x, i) => x - item(program.lower, i));
  const slackHigh = s.x.map((x, i) => item(program.upper, i) - x);
  const newton = newtonSystem(program, s, slackLow, slackHigh);
  if (newton === undefined) return false;
  const mu = complementarity(program, s);
  const guess = newton(0, undefined);
  const reach = stepLength(s, guess, slackLow, slackHigh, 1);
  const ahead = complementarity(program, moved(s, guess, reach));
  const share = mu > 0 ? ahead / mu : 0;
  const step = newton(Math.max(share * share * share * mu, Math.min(mu, leastMu)), guess);
  const length = stepLength(s, step, slackLow, slackHigh, 0.995);
  if (!(length > 1e-12)) return false;
  Object.assign(s, moved(s, step, length));
  return true;
}

/** Factors the Newton system at `s` once; the result solves it for a target `mu` and the second-order term of a guess. */
function newtonSystem(program: QuadraticProgram, s: State, slackLow: Float64Array, slackHigh: Float64Array) {
  const { q, a } = program;
  const n = s.x.length;
  const weight = s.x.map((_, i) => item(s.zLower, i) / item(slackLow, i) + item(s.zUpper, i) / item(slackHigh, i));
  const lower = cholesky(
    matrixOf(n, (i, j) => entry(q, i, j) + (i === j ? item(weight, i) + 1e-15 : 0)),
    0,
  );
  if (lower === undefined) return undefined;
  const columns = a.map((row) => choleskySolve(lower, row));
  const schur = matrixOf(a.length, (i, j) => dot(a[i] as Float64Array, columns[j] as Float64Array));
  const dual = gradient(program, s.x, s.y);
  const primal = gaps(program, s.x);
  return (mu: number, guess: Step | undefined): Step => {
    const pushLow = s.x.map((_, i) => {
      const second = guess === undefined ? 0 : item(guess.dx, i) * item(guess.dzLower, i);
      return (mu - second) / item(slackLow, i);
    });
    const pushHigh = s.x.map((_, i) => {
      const second = guess === undefined ? 0 : item(guess.dx, i) * item(guess.dzUpper, i);
      return (mu + second) / item(slackHigh, i);
    });
    // The multipliers of the bounds cancel: −(g − z₁ + z₂) + (push₁ − z₁) − (push₂ − z₂) is −g + push₁ − push₂.
    const right = dual.map((g, i) => -g + item(pushLow, i) - item(pushHigh, i));
    const base = choleskySolve(lower, right);
    const dy =
      solve(
        schur,
        primal.map((gap, k) => -gap - dot(a[k] as Float64Array, base)),
      ) ?? new Float64Array(a.length);
    const dx = base.map((value, i) => columns.reduce((sum, column, k) => sum + item(column, i) * item(dy, k), value));
    return {
      dx,
      dy,
      dzLower: dx.map((d, i) => item(pushLow, i) - (item(s.zLower, i) * d) / item(slackLow, i) - item(s.zLower, i)),
      dzUpper: dx.map((d, i) => item(pushHigh, i) + (item(s.zUpper, i) * d) / item(slackHigh, i) - item(s.zUpper, i)),
    };
  };
}

/** The longest step, at most 1, that keeps slacks and multipliers positive, times `keep`. */
function stepLength(s: State, d: Step, slackLow: Float64Array, slackHigh: Float64Array, keep: number): number {
  let length = 1 / keep;
  const limit = (value: number, change: number): void => {
    if (change < 0 && -value / change < length) length = -value / change;
  };
  for (let i = 0; i < s.x.length; i++) {
    limit(item(slackLow, i), item(d.dx, i));
    limit(item(slackHigh, i), -item(d.dx, i));
    limit(item(s.zLower, i), item(d.dzLower, i));
    limit(item(s.zUpper, i), item(d.dzUpper, i));
  }
  return Math.min(1, length * keep);
}

function moved(s: State, d: Step, length: number): State {
  const along = (v: Float64Array, change: Float64Array): Float64Array => v.map((x, i) => x + length * item(change, i));
  return {
    x: along(s.x, d.dx),
    y: along(s.y, d.dy),
    zLower: along(s.zLower, d.dzLower),
    zUpper: along(s.zUpper, d.dzUpper),
  };
}

/** −1 held by the lower bound, +1 by the upper, 0 free. */
type Side = -1 | 0 | 1;

/**
 * Solves the equations of the bounds that hold, moving one variable in or out while a free one leaves its box or a held
 * one pulls inward. Undefined when that does not settle (a degenerate corner): then the interior point stands.
 */
function polish(program: QuadraticProgram, s: State): Omit<QuadraticSolution, 'iterations'> | undefined {
  const { lower, upper } = program;
  const sides: Side[] = Array.from(s.x, (x, i) => {
    if (x - item(lower, i) < item(s.zLower, i)) return -1;
    return item(upper, i) - x < item(s.zUpper, i) ? 1 : 0;
  });
  for (let round = 0; round <= sides.length; round++) {
    const found = solveHeld(program, sides);
    if (found === undefined) return snapped(program, s, sides);
    const worst = worstBreach(program, sides, found);
    if (worst === undefined) {
      const x = found.x.map((value, i) => Math.min(item(upper, i), Math.max(item(lower, i), value)));
      return { x, residual: largestBreach(program, x, found.y) };
    }
    sides[worst.index] = worst.side;
  }
  return undefined;
}

/**
 * The interior point with its held variables put exactly on their bounds, if the sums still hold: for corners at which the
 * bounds alone fix everything and leave the multipliers of A open.
 */
function snapped(
  program: QuadraticProgram,
  s: State,
  sides: readonly Side[],
): Omit<QuadraticSolution, 'iterations'> | undefined {
  const x = s.x.map((value, i) => (sides[i] === 0 ? value : item(sides[i] === -1 ? program.lower : program.upper, i)));
  return largestOf(gaps(program, x)) <= 1e-12 ? { x, residual: largestBreach(program, x, s.y) } : undefined;
}

function solveHeld(program: QuadraticProgram, sides: readonly Side[]) {
  const { q, c, a, lower, upper } = program;
  const free = indexesWhere(sides.length, (i) => sides[i] === 0);
  const held = Float64Array.from(sides, (side, i) => (side === 0 ? 0 : item(side < 0 ? lower : upper, i)));
  const pull = multiply(q, held);
  const rest = gaps(program, held);
  const size = free.length;
  const kkt = matrixOf(size + a.length, (i, j) => {
    if (i < size && j < size) return entry(q, free[i] as number, free[j] as number);
    if (i >= size && j >= size) return 0;
    return i < size
      ? -item(a[j - size] as Float64Array, free[i] as number)
      : item(a[i - size] as Float64Array, free[j] as number);
  });
  const right = Float64Array.from({ length: size + a.length }, (_, i) => {
    if (i >= size) return -item(rest, i - size);
    return -item(c, free[i] as number) - item(pull, free[i] as number);
  });
  const solution = solve(kkt, right);
  if (solution === undefined) return undefined;
  free.forEach((target, i) => {
    held[target] = item(solution, i);
  });
  return { x: held, y: solution.slice(size) };
}

/** The variable that breaks its condition most, and where it belongs; undefined when none does. */
function worstBreach(
  program: QuadraticProgram,
  sides: readonly Side[],
  { x, y }: { x: Float64Array; y: Float64Array },
) {
  const g = gradient(program, x, y);
  let worst: { index: number; side: Side } | undefined;
  let most = 1e-10;
  sides.forEach((side, index) => {
    const below = item(program.lower, index) - item(x, index);
    const above = item(x, index) - item(program.upper, index);
    const breach = side === 0 ? Math.max(below, above) : side * item(g, index);
    if (breach <= most) return;
    most = breach;
    const away = below > above ? -1 : 1;
    worst = { index, side: side === 0 ? away : 0 };
  });
  return worst;
}

/** Largest breach of stationarity, sign of multipliers and A·x = b, for a point inside its bounds. */
function largestBreach(program: QuadraticProgram, x: Float64Array, y: Float64Array): number {
  const g = gradient(program, x, y);
  let largest = largestOf(gaps(program, x));
  for (let i = 0; i < x.length; i++) {
    const value = item(g, i);
    // Stationarity and complementarity in one number: a pull toward a bound counts only as far as the bound is away.
    const room = value > 0 ? item(x, i) - item(program.lower, i) : item(program.upper, i) - item(x, i);
    largest = Math.max(largest, Math.min(Math.abs(value), room));
  }
  return largest;
}

function clipped(program: QuadraticProgram, s: State): Omit<QuadraticSolution, 'iterations'> {
  return { x: s.x, residual: largestBreach(program, s.x, s.y) };
}

function indexesWhere(n: number, test: (i: number) => boolean): number[] {
  return Array.from({ length: n }, (_, i) => i).filter(test);
}
