import { BugError } from './errors.js';

/** Stops the program when `condition` is false. `rule` is the positive rule that was broken. On in production. */
export function assert(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new BugError(rule);
}

/** Ends a `switch` over a union: a new member becomes a compile error here. */
export function unreachable(value: never): never {
  throw new BugError(`every case is handled, was ${JSON.stringify(value)}`);
}
