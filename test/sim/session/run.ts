import { type Played, played } from '../orders/run.js';
import { WEEK_MS } from '../orders/week.js';
import { OrderWorld, type WorldOptions } from '../orders/world.js';
import { MOST_GROSS, preparedBase } from './desk.js';
import { seatPersons } from './persons.js';
import { type Begun, SessionActor } from './session.js';

/** Plays one seed with the whole session: engine, limits, books, loop, and all that is below. `listen` sees the world first. */
export async function playSession(
  options: WorldOptions,
  listen?: (world: OrderWorld) => void,
  isChanging = false,
): Promise<Played> {
  const base = await preparedBase(options);
  const begun: { at: Begun | undefined } = { at: undefined };
  const world = new OrderWorld(
    { trouble: options.week === true ? [WEEK_MS, 0] : [120_000, 180_000], mostGross: MOST_GROSS, ...options },
    (one, process, files, venue) => {
      return new SessionActor(one, process, files, venue, base, begun, isChanging);
    },
  );
  if (options.asks === true) seatPersons(world);
  listen?.(world);
  const real = globalThis.setImmediate;
  // The engine lets timers have their turn after each batch; here nothing real may have one, or no two runs were the same.
  globalThis.setImmediate = ((act: () => void) => queueMicrotask(act)) as unknown as typeof setImmediate;
  try {
    return await played(world);
  } finally {
    globalThis.setImmediate = real;
  }
}
