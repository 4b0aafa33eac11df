import type { FaultCounts } from '../world/swarm.js';
import { MOST_UNITS } from './places.js';
import { OrderWorld, type WorldOptions } from './world.js';

export interface Played {
  readonly seed: number | string;
  readonly traceHash: string;
  readonly events: number;
  readonly requests: number;
  readonly orders: number;
  readonly counts: FaultCounts;
  readonly haltsInFlight: number;
  readonly clientIds: OrderWorld['clientIds'];
  readonly trace: readonly string[];
  /** The rule that was broken; undefined when all held. */
  readonly failure: string | undefined;
}

/** Plays one seed. */
export async function playOrders(options: WorldOptions): Promise<Played> {
  return played(new OrderWorld({ mostUnits: MOST_UNITS, ...options }));
}

/** Plays a world to its end. */
export async function played(world: OrderWorld): Promise<Played> {
  let failure: string | undefined;
  const { stackTraceLimit } = Error;
  // The files of an error are only for whoever looks at one seed: finding them takes longer than the rest of the error.
  if (world.options.trace !== true) Error.stackTraceLimit = 0;
  try {
    await world.play();
  } catch (error) {
    failure = error instanceof Error ? (error.name === 'Broken' ? error.message : (error.stack ?? error.message)) : '?';
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  const { scheduler, network, swarm, haltsInFlight, clientIds } = world;
  return {
    seed: world.seed,
    traceHash: scheduler.traceHash,
    events: scheduler.events,
    requests: network.requests,
    orders: world.sandbox.truth().orders.length,
    counts: swarm.counts,
    haltsInFlight,
    clientIds,
    trace: scheduler.trace ?? [],
    failure,
  };
}
