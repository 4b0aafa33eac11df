import type { SweepTime } from '../../core/dispatch/sweep.js';
import { accountFolder } from '../../core/state/books/book-path.js';
import { readLoosely } from '../../core/state/emergency/order-log.js';
import { type Lock, tryKernelLock } from '../../core/state/lock/kernel-lock.js';
import { isHolderStopped, livingHolder, signalHolder } from '../../core/state/lock/lock-file.js';
import type { Desk } from './desks.js';

/** A session that was found running. */
export interface EngineReport {
  readonly book: string;
  readonly pid: number;
  /** It said in its journal that it saw the halt. */
  readonly confirmed: boolean;
  readonly killed: boolean;
}

/**
 * How long a session may take to let go of the fence, or to say that it saw the halt, ms. It looks every second; with this
 * and a window of two seconds after its end, a session that hangs is proven harmless within five seconds.
 */
const HALT_MS = 2_000;
/** How long a session may take to stop in order, ms. */
const STOP_MS = 3_000;
const AFTER_KILL_MS = 1_000;
const LOOK_MS = 20;
const CONFIRM_LOOK_MS = 100;

/** Folders whose locks a session in this account holds. */
export function lockedFolders(home: string, { broker, account, books }: Desk): readonly string[] {
  return [...books.map(({ folder }) => folder), accountFolder(home, broker, account)];
}

/**
 * Takes the fence that a session holds around its last look and the send. Who has it knows that whatever leaves from now on
 * saw the latch. A session that holds it for longer hangs: it is killed, which it survives like any crash.
 */
export async function takeFence(
  home: string,
  desk: Desk,
  time: SweepTime,
): Promise<{ readonly lock: Lock | undefined; readonly killed: readonly number[] }> {
  const name = `submit ${desk.broker} ${desk.account}`;
  const lock = await tryFor(name, HALT_MS, time);
  if (lock !== undefined) return { lock, killed: [] };
  const killed = killSessions(home, desk);
  return { lock: await tryFor(name, AFTER_KILL_MS, time), killed };
}

async function tryFor(name: string, ms: number, time: SweepTime): Promise<Lock | undefined> {
  const until = time.mono() + ms;
  for (;;) {
    const lock = await tryKernelLock(name);
    if (lock !== undefined || time.mono() >= until) return lock;
    await time.wait(LOOK_MS);
  }
}

/** Ends every session of the account at once; a journal survives that by design. */
export function killSessions(home: string, desk: Desk): readonly number[] {
  return killHolders(lockedFolders(home, desk));
}

/** Ends at once the sessions that are stopped: what cannot answer is proven harmless by its end alone, and waiting changes nothing. */
export function killStopped(home: string, desk: Desk): readonly number[] {
  return killHolders(lockedFolders(home, desk).filter(isHolderStopped));
}

/** Process ids of the sessions of the account that live. */
export function livingSessions(home: string, desk: Desk): readonly number[] {
  return [...new Set(lockedFolders(home, desk).flatMap((folder) => livingHolder(folder) ?? []))];
}

function killHolders(folders: readonly string[]): readonly number[] {
  const killed = new Set<number>();
  for (const folder of folders) {
    const pid = livingHolder(folder);
    if (pid !== undefined && signalHolder(folder, 'SIGKILL')) killed.add(pid);
  }
  return [...killed];
}

/** Asks every session to stop in order, and kills the one that does not within the time. Resolves when none lives. */
export function stopSessions(home: string, desk: Desk, time: SweepTime): Promise<readonly number[]> {
  return stopHolders(lockedFolders(home, desk), time);
}

/** The same for whoever holds one of these folders. */
export async function stopHolders(folders: readonly string[], time: SweepTime): Promise<readonly number[]> {
  const living = () => [...new Set(folders.flatMap((folder) => livingHolder(folder) ?? []))];
  const found = living();
  for (const folder of folders) signalHolder(folder, 'SIGTERM');
  const until = time.mono() + STOP_MS;
  while (living().length > 0 && time.mono() < until) await time.wait(LOOK_MS);
  for (const folder of folders) signalHolder(folder, 'SIGKILL');
  const dead = time.mono() + AFTER_KILL_MS;
  while (living().length > 0 && time.mono() < dead) await time.wait(LOOK_MS);
  return found;
}

/** Waits until a living session says in its journal that it saw the halt; kills the one that does not. */
export async function awaitEngine(
  folder: string,
  book: string,
  haltId: string,
  since: number,
  time: SweepTime,
): Promise<EngineReport | undefined> {
  const pid = livingHolder(folder);
  if (pid === undefined) return undefined;
  for (;;) {
    if (sawHalt(folder, haltId)) return { book, pid, confirmed: true, killed: false };
    if (livingHolder(folder) !== pid) return { book, pid, confirmed: false, killed: false };
    if (time.mono() - since >= HALT_MS) break;
    await time.wait(CONFIRM_LOOK_MS);
  }
  return { book, pid, confirmed: false, killed: signalHolder(folder, 'SIGKILL') };
}

function sawHalt(folder: string, haltId: string): boolean {
  let seen = false;
  try {
    readLoosely(
      folder,
      (type) => type === 'halts',
      (record) => {
        const halts = record['halts'];
        seen ||= Array.isArray(halts) && halts.some((one) => one?.id === haltId);
      },
    );
  } catch {
    return false;
  }
  return seen;
}
