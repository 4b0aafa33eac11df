import { haltDesk } from '../../../src/commands/safety/halt-desk.js';
import { FxError } from '../../../src/core/base/errors.js';
import { readOrderLog } from '../../../src/core/state/emergency/order-log.js';
import type { FileCalls } from '../../../src/core/state/file-calls.js';
import { type HaltLine, writeHalt } from '../../../src/core/state/halt-file.js';
import type { SimProcess } from '../world/process.js';
import { ACCOUNT, BOOK, HOME } from './places.js';
import type { OrderWorld } from './world.js';

/** The real halt of one account, from a process of its own. True when it proved that nothing works and nothing can. */
export async function runHalt(world: OrderWorld, process: SimProcess, files: FileCalls): Promise<boolean> {
  const time = new Date(world.wall()).toISOString();
  const halt: HaltLine = { id: `h-${time}`, time, who: 'a person', reason: 'a seed', scope: 'all', mode: 'all' };
  let latched = true;
  try {
    writeHalt(HOME, halt, files);
  } catch (error) {
    if (!(error instanceof FxError)) throw error;
    latched = false;
    world.output.push(error.message);
  }
  if (!process.isAlive) return new Promise(() => undefined);
  const clock = { now: () => world.wall(), observe: () => undefined };
  const book = { name: 'live-sim', folder: BOOK, mode: 'live', book: 'sim', kind: 'live', strategy: 'a' };
  const result = await haltDesk(
    { broker: 'oanda', account: ACCOUNT, environment: 'practice', books: [{ ...book, params: {}, arguments: {} }] },
    {
      halt,
      latched,
      from: { home: HOME, cwd: HOME, env: {}, clock },
      time: { mono: () => world.scheduler.now, boot: 'sim', wait: process.wait },
      note: (text) => world.output.push(text),
    },
    {
      openDesk: async () => world.venueOf(process),
      takeFence: async () => {
        const release = await world.fence.take(process);
        if (latched) world.checkers.fenced();
        return { lock: { release }, killed: [] };
      },
      awaitEngine: async () => undefined,
      killStopped: () => [],
      livingSessions: () => [],
      killSessions: () => {
        if (world.trader?.process.isAlive !== true) return [];
        world.trader.process.kill('killed by halt');
        return [1];
      },
      readOrderLog: (folder) => readOrderLog(folder, files),
    },
  );
  for (const { reason } of result.notProven) world.output.push(reason);
  world.scheduler.note(`halt: ${result.notProven.length === 0 ? 'proven' : 'not proven'}`);
  return latched && result.notProven.length === 0;
}
