import { FxError } from '../base/errors.js';

/** What an indicator remembers, as plain numbers: JSON gives back the same bits. Never holds NaN. */
export type IndicatorState = readonly number[];

/** A number that follows a series value by value. Every answer rests on values already given, so it cannot look ahead. */
export interface Indicator {
  save(): IndicatorState;
  /** Goes on from a saved state; the window must be the one it was saved with. */
  load(state: unknown): void;
}

/** An indicator of prices. */
export interface PriceIndicator extends Indicator {
  /** Takes every price so far for that price ÷ `ratio`: what it was in the new units of a split, `ratio` new for one old. */
  split(ratio: number): void;
}

/** Every number of a column ÷ `ratio`, in place. */
export function divide(column: Float64Array, ratio: number): void {
  for (let i = 0; i < column.length; i++) column[i] = (column[i] ?? Number.NaN) / ratio;
}

/** Checks a saved state: `length` finite numbers. Throws `STATE.SNAPSHOT` for anything else. */
export function savedNumbers(state: unknown, length: number): readonly number[] {
  const fits = Array.isArray(state) && state.length === length && state.every((x) => Number.isFinite(x));
  if (fits) return state as readonly number[];
  const found = Array.isArray(state) ? `${state.length} values` : typeof state;
  throw new FxError('STATE.SNAPSHOT', {
    message: `a saved indicator must be ${length} finite numbers, found ${found}`,
    next: 'Start the session with the parameters it was saved with, or begin a new book.',
  });
}

/** The window of an indicator: a whole number of values, 1 at least. Throws `STRATEGY.PARAM`. */
export function checkedWindow(window: number): number {
  if (Number.isInteger(window) && window >= 1) return window;
  throw new FxError('STRATEGY.PARAM', {
    message: `the window of an indicator must be a whole number of at least 1, is ${window}`,
    next: 'Change the parameter that sets the window.',
  });
}
