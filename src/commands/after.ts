import type { VenueOrder } from '../core/ports/venue.js';
import { readOrderLog } from '../core/state/emergency/order-log.js';
import { readHalts } from '../core/state/halt-file.js';
import { tryKernelLock } from '../core/state/lock/kernel-lock.js';
import { tellOnce } from './alerts/tell-once.js';
import { whoAmI } from './halt.js';
import { type CommandContext, defineCommand } from './runtime/command.js';
import type { WatchPlan } from './safety/after/leave.js';
import { type Held, WATCH_MS, type WatchParts, watchAfter } from './safety/after/watch.js';
import { closeDesk } from './safety/close-desk.js';
import { type Desk, findDesks, openDesk, realTime } from './safety/desks.js';
import type { WatchedAccount } from './safety/halt-desk.js';

/** Watches the accounts of a halt for a minute. Nobody types it: `halt` and `close-all` leave it behind them. */
export const command = defineCommand<null>({
  async run(ctx) {
    const plan = JSON.parse(ctx.args[0] ?? '') as WatchPlan;
    const { home, cwd, env, clock } = ctx;
    const { desks } = findDesks({ home, cwd, env, clock });
    await Promise.all(
      plan.accounts.map((watched) => {
        const desk = desks.find(({ broker, account }) => broker === watched.broker && account === watched.account);
        return desk === undefined ? undefined : watchDesk(ctx, plan, desk, watched);
      }),
    );
    return { data: null };
  },
  view: () => undefined,
});

async function watchDesk(ctx: CommandContext, plan: WatchPlan, desk: Desk, watched: WatchedAccount): Promise<void> {
  const time = realTime();
  const stands = (): boolean => readHalts(ctx.home).some(({ id }) => id === plan.haltId);
  // Two watches of one account would tell everything twice: the later one takes over when the earlier one is done.
  const until = time.mono() + WATCH_MS;
  let lock = await tryKernelLock(`after ${plan.kind} ${desk.broker} ${desk.account}`);
  for (; lock === undefined && time.mono() < until && stands(); await time.wait(1_000)) {
    lock = await tryKernelLock(`after ${plan.kind} ${desk.broker} ${desk.account}`);
  }
  if (lock === undefined) return;
  const { home, cwd, env, clock } = ctx;
  const venue = await openDesk(desk, { home, cwd, env, clock });
  try {
    const held = watched.held === null ? undefined : new Map(watched.held);
    await watchAfter({ venue, time, stands, held, ...dealing(ctx, plan, desk) });
  } finally {
    venue.close();
    lock.release();
  }
}

/** What is done about what comes: after a halt orders are taken back, after a close-all positions are closed again too. */
function dealing(ctx: CommandContext, plan: WatchPlan, desk: Desk): Pick<WatchParts, 'wanted' | 'tell' | 'close'> {
  const { kind, scope, haltId } = plan;
  const tell = (subject: string, text: string): Promise<void> =>
    tellOnce(
      ctx,
      { kind, subject: `${desk.account} ${subject}`, source: kind, text: `after the ${kind}: ${text}` },
      true,
    );
  if (kind === 'halt') return { tell, wanted: (order) => !order.reduceOnly && isInScope(scope, order, desk) };
  const { home, cwd, env, clock, version } = ctx;
  const task = {
    from: { home, cwd, env, clock },
    time: realTime(),
    version,
    who: whoAmI(env),
    reason: 'close-all',
    haltId,
  };
  const close = async (): Promise<Held | undefined> => {
    const { flat, residual } = await closeDesk(desk, task);
    await tell('closed again', flat === true ? 'flat again' : 'NOT known to be flat: look at the broker');
    return flat === null ? undefined : new Map(residual.map(({ instrument, units }) => [instrument, units]));
  };
  return { tell, wanted: () => true, close };
}

function isInScope(scope: string, { instrument, venueId, clientId }: VenueOrder, { books }: Desk): boolean {
  if (scope.startsWith('instrument:')) return scope === `instrument:${instrument}`;
  if (!scope.startsWith('strategy:')) return true;
  return books.some(({ folder, strategy, arguments: { name } }) => {
    if (scope !== `strategy:${name ?? strategy}`) return false;
    const { orders } = readOrderLog(folder);
    return orders.byVenueId(venueId) !== undefined || (clientId !== undefined && orders.find(clientId) !== undefined);
  });
}
