/** Relative tolerance of every comparison of computed numbers: a few hundred ulps. */
const TOLERANCE = 1e-9;

/** True when `a` is not above `b` by more than rounding noise. Limits are compared with this, never with `<=`. */
export function within(a: number, b: number): boolean {
  return a <= b + TOLERANCE * Math.max(1, Math.abs(b));
}

/**
 * The largest multiple of `step` that is not above `value` in size, toward zero: a size may shrink, never grow.
 * Tolerant of binary fractions: `floorTo(0.29, 0.01)` is 0.29, not 0.28.
 */
export function floorTo(value: number, step: number): number {
  const steps = Math.abs(value) / step;
  const whole = Math.floor(steps + Math.min(1e-3, TOLERANCE * Math.max(1, steps)));
  return cleanMultiple(Math.sign(value) * whole, step);
}

/** The multiple of `step` nearest to `value`; a tie goes away from zero. */
export function roundTo(value: number, step: number): number {
  const steps = Math.abs(value) / step;
  return cleanMultiple(Math.sign(value) * Math.floor(steps + 0.5 + TOLERANCE), step);
}

/**
 * `value` rounded to `digits` decimals, ties to the even digit (bankers' rounding), as ledgers book.
 * A value within 1e-9 of a tie is taken for one, because binary fractions cannot hold decimal ties.
 */
export function roundHalfEven(value: number, digits: number): number {
  const scale = POWERS_OF_TEN[digits] ?? 10 ** digits;
  const scaled = value * scale;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  const near = Math.abs(rest - 0.5) <= TOLERANCE * Math.max(1, Math.min(Math.abs(scaled), 1e5));
  const whole = near ? floor + (floor % 2 === 0 ? 0 : 1) : Math.round(scaled);
  return whole / scale + 0;
}

/** Decimals needed to write `step` exactly: 0.01 gives 2, 1 gives 0, 5e-5 gives 5. */
export function decimalsOf(step: number): number {
  for (let digits = 0; digits <= 12; digits++) {
    const scaled = step * (POWERS_OF_TEN[digits] ?? 1);
    if (Math.abs(scaled - Math.round(scaled)) < 1e-9 * Math.max(1, scaled)) return digits;
  }
  return 12;
}

const POWERS_OF_TEN = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12] as const;

/** `steps × step` without the dust of binary fractions: 29 × 0.01 is 0.29. */
function cleanMultiple(steps: number, step: number): number {
  const digits = decimalsOf(step);
  if (digits === 0) return steps * step + 0;
  const scale = POWERS_OF_TEN[digits] ?? 1;
  return Math.round(steps * step * scale) / scale + 0;
}
