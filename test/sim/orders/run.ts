import type { FaultCounts } from '../world/swarm.js';
import { OrderWorld, type WorldOptions } from './world.js';

export interface Played {
  readonly seed: number | string;
  readonly traceHash: string;
  readonly events: number;
  readonly requests: number;
  readonly orders: number;
  readonly counts: FaultCounts;
  readonly haltsInFlight: number;
  readonly trace: readonly string[];
  /** The rule that was broken; undefined when all held. */
  readonly failure: string | undefined;
}

/** Plays one seed. */
export async function playOrders(options: WorldOptions): Promise<Played> {
  const world = new OrderWorld(options);
  let failure: string | undefined;
  try {
    await world.play();
  } catch (error) {
    failure = error instanceof Error ? (error.name === 'Broken' ? error.message : (error.stack ?? error.message)) : '?';
  }
  const { scheduler, network, swarm, haltsInFlight } = world;
  return {
    seed: options.seed,
    traceHash: scheduler.traceHash,
    events: scheduler.events,
    requests: network.requests,
    orders: world.sandbox.truth().orders.length,
    counts: swarm.counts,
    haltsInFlight,
    trace: scheduler.trace ?? [],
    failure,
  };
}
