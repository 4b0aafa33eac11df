import { expect, it } from 'vitest';
import type { OrderWorld } from './orders/world.js';
import { playSession } from './session/run.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** When the clock on the wall is set, and until when we watch, ms after the start. */
const SET_MS = 100_000;
const WATCHED_MS = 5 * MINUTE_MS;

/** A session without any trouble but a clock that is set; when it worked a bar through and when it compared, ms after the set. */
async function watched(offsetMs: number) {
  const at: { bars: number[]; compared: number[] } = { bars: [], compared: [] };
  let seen: OrderWorld | undefined;
  const { failure } = await playSession({ seed: 1, trouble: [WATCHED_MS, 0] }, (world) => {
    seen = world;
    world.swarm.isOver = true;
    const set = world.scheduler.now + SET_MS;
    world.scheduler.in(SET_MS, 'the clock is set', () => world.setClock(offsetMs));
    world.heard = (kind) => {
      if (kind === 'bar') at.bars.push(world.scheduler.now - set);
    };
  });
  const first = seen?.sandbox.truth().requests.find(({ method }) => method !== 'OPEN')?.at ?? 0;
  const set = first + SET_MS;
  for (const { at: moment, path } of seen?.sandbox.truth().requests ?? []) {
    if (path.endsWith('/openPositions')) at.compared.push(moment - set);
  }
  return { failure, ...at };
}

const between = (times: readonly number[]) => times.filter((time) => time > 0 && time < WATCHED_MS - SET_MS);

it.each([
  ['an hour back', -HOUR_MS],
  ['an hour ahead', HOUR_MS],
])(
  'a clock that is set %s changes nothing: each bar is decided on, and the account is compared every 30 s',
  async (_, offsetMs) => {
    const calm = await watched(0);
    const set = await watched(offsetMs);

    expect([calm.failure, set.failure]).toEqual([undefined, undefined]);
    expect(between(calm.bars).length).toBeGreaterThanOrEqual(3);
    expect(between(set.bars).length).toBe(between(calm.bars).length);
    expect(between(calm.compared).length).toBeGreaterThanOrEqual(5);
    expect(between(set.compared).length).toBeGreaterThanOrEqual(between(calm.compared).length - 1);
  },
  60_000,
);
