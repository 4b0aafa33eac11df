import { bookFacts } from '../../core/state/emergency/book-facts.js';
import { livingHolder } from '../../core/state/lock/lock-file.js';
import { type Desk, findDesks } from './desks.js';
import type { EngineReport } from './engines.js';
import { type DeskHalt, type HaltTask, haltDesk, type NotProven, type WatchedAccount } from './halt-desk.js';

export interface BrokerSide extends Omit<DeskHalt, 'watched'> {
  /** Accounts that are worth a look after. */
  readonly watched: readonly WatchedAccount[];
  /** A broker that is concerned could not be asked. */
  readonly unasked: boolean;
}

/** How long one account may take in all, ms. */
const MOST_MS = 90_000;

/** What a halt does beyond the latch: every account that is concerned, at the same time. */
export async function haltBrokers(task: HaltTask): Promise<BrokerSide> {
  const { desks, trouble } = findDesks(task.from);
  const concerned = desks.filter((desk) => isConcerned(desk, task.halt.scope));
  const done = await Promise.all(concerned.map((desk) => within(desk, task)));
  const unknown = trouble.map(
    (reason): NotProven => ({
      broker: '',
      account: '',
      what: 'broker',
      order: null,
      reason,
      next: 'look at your accounts at the brokers',
    }),
  );
  const notProven = [...done.flatMap((one) => one.notProven), ...unknown];
  return {
    watched: done.map(({ watched }) => watched),
    cancelled: done.flatMap((one) => one.cancelled),
    kept: done.flatMap((one) => one.kept),
    notProven,
    engines: [...done.flatMap((one) => one.engines), ...paperSessions(task)],
    unasked: notProven.some(({ what }) => what === 'broker'),
  };
}

function isConcerned({ broker, books }: Desk, scope: string): boolean {
  if (scope.startsWith('broker:')) return scope === `broker:${broker}`;
  if (!scope.startsWith('strategy:')) return true;
  return books.some(({ arguments: { name }, strategy }) => scope === `strategy:${name ?? strategy}`);
}

async function within(desk: Desk, task: HaltTask): Promise<DeskHalt> {
  let over = false;
  const late = async (): Promise<DeskHalt> => {
    for (let waited = 0; waited < MOST_MS && !over; waited += 500) await task.time.wait(500);
    const { broker, account } = desk;
    const reason = `no proof after ${MOST_MS / 1_000} s`;
    const next = 'halt again; look at the account at the broker';
    const notProven: NotProven[] = [{ broker, account, what: 'broker', order: null, reason, next }];
    return { watched: { broker, account, held: null }, cancelled: [], kept: [], notProven, engines: [] };
  };
  try {
    return await Promise.race([haltDesk(desk, task), late()]);
  } finally {
    over = true;
  }
}

/** A paper session reads the latch itself within a second; nothing real depends on it. */
function paperSessions({ from }: HaltTask): readonly EngineReport[] {
  return bookFacts(from.home)
    .filter(({ mode }) => mode === 'paper')
    .flatMap(({ name, folder }) => {
      const pid = livingHolder(folder);
      return pid === undefined ? [] : [{ book: name, pid, confirmed: false, killed: false }];
    });
}
