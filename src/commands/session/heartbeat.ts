import type { StrategyInstance } from '../../core/strategies/strategy.js';

/**
 * Tells a watcher on another thread when a user's code began: slot 0 counts the calls, slot 1 is 1 while one runs.
 * A callback that never returns cannot stop itself; who watches sees the count stand still and ends the thread.
 */
export class Heartbeat {
  readonly #slots: Int32Array;

  constructor(slots: Int32Array) {
    this.#slots = slots;
  }

  enter(): void {
    Atomics.add(this.#slots, 0, 1);
    Atomics.store(this.#slots, 1, 1);
  }

  leave(): void {
    Atomics.store(this.#slots, 1, 0);
  }

  /** The strategy with each of its callbacks announced. */
  watch(instance: StrategyInstance): StrategyInstance {
    const { onBar, onSlice, onSplit } = instance;
    const watched = <A extends unknown[], R>(call: (...args: A) => R) => {
      return (...args: A): R => {
        this.enter();
        try {
          return call.apply(instance, args);
        } finally {
          this.leave();
        }
      };
    };
    return {
      ...(onBar === undefined ? {} : { onBar: watched(onBar) }),
      ...(onSlice === undefined ? {} : { onSlice: watched(onSlice) }),
      ...(onSplit === undefined ? {} : { onSplit: watched(onSplit) }),
      ...(instance.save === undefined ? {} : { save: () => instance.save?.() }),
      ...(instance.load === undefined ? {} : { load: (state: unknown) => instance.load?.(state) }),
    };
  }
}

/** Runs what may call a user's code once, such as loading its file. */
export async function guarded<T>(heartbeat: Heartbeat | undefined, work: () => Promise<T>): Promise<T> {
  heartbeat?.enter();
  try {
    return await work();
  } finally {
    heartbeat?.leave();
  }
}
