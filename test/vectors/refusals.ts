import { FxError } from '../../src/core/base/errors.js';
import type { Handler } from './handler.js';

/** The handlers with errors that a user can cause turned into `{ error: CODE }`, the code without its family. */
export function withRefusals(handlers: Readonly<Record<string, Handler>>): Readonly<Record<string, Handler>> {
  const guarded = Object.entries(handlers).map(([metric, handler]): [string, Handler] => [
    metric,
    (inputs, vector) => {
      try {
        return handler(inputs, vector);
      } catch (error) {
        if (error instanceof FxError) return { error: error.code.slice(error.code.indexOf('.') + 1) };
        throw error;
      }
    },
  ]);
  return Object.fromEntries(guarded);
}
