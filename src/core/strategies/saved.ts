import { FxError } from '../base/errors.js';

/** A strategy's saved state as an object. Throws `STATE.SNAPSHOT` for anything else. */
export function savedObject(state: unknown): Readonly<Record<string, unknown>> {
  if (typeof state === 'object' && state !== null && !Array.isArray(state)) return state as Record<string, unknown>;
  throw new FxError('STATE.SNAPSHOT', {
    message: `a strategy's saved state must be an object, found ${state === null ? 'null' : typeof state}`,
    next: 'Resume with the strategy, the parameters and the instruments the book was begun with, or begin a new book.',
  });
}

/** A finite number of a saved state. Throws `STATE.SNAPSHOT`. */
export function savedNumber(state: Readonly<Record<string, unknown>>, key: string): number {
  const value = state[key];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new FxError('STATE.SNAPSHOT', {
    message: `a strategy's saved ${key} must be a number, found ${JSON.stringify(value) ?? 'nothing'}`,
    next: 'Resume with the strategy, the parameters and the instruments the book was begun with, or begin a new book.',
  });
}
