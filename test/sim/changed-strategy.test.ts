import { expect, it } from 'vitest';
import { expectAllToHold, seedsOf } from './orders/shard.js';
import type { OrderWorld, WorldOptions } from './orders/world.js';
import { playSession } from './session/run.js';

const HOURS = 6 * 3_600_000;
/** Times that one seed kills its session; then it may live. */
const MOST_KILLS = 4;
/** Kills end long before the seed does: nobody is ready a moment after one. */
const KILLS_MS = 7 * 60_000;

/** Kills the session while an order is on its way, or was decided and has not left. */
function killAtOrders(world: OrderWorld): void {
  const until = world.scheduler.now + KILLS_MS;
  let orders = 0;
  world.heard = (kind) => {
    if (kind !== 'submit' || world.scheduler.now > until || ++orders > MOST_KILLS) return;
    world.scheduler.in((orders * 37) % 200, 'kill', () => world.trader?.process.kill('killed at an order'));
  };
}

it(
  'every rule holds when each start after a crash has another strategy, and what is recorded is told as it stands',
  async () => {
    let retold = 0;
    const play = (options: WorldOptions) =>
      playSession(
        options,
        (world) => {
          killAtOrders(world);
          const { heard } = world;
          world.heard = (kind, fields) => {
            if (kind === 'retold') retold++;
            heard(kind, fields);
          };
        },
        true,
      );
    await expectAllToHold('changed strategies', { from: 1, step: 1, count: seedsOf(20, 1_000) }, play);
    expect(retold).toBeGreaterThan(2);
  },
  HOURS,
);
