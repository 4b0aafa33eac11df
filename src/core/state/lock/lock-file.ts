import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, unlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { FxError } from '../../base/errors.js';
import { createFile } from '../atomic.js';
import { diskError } from '../disk-error.js';
import { bootId } from './boot-id.js';

/** Who holds a book. A process id alone may be somebody else's by now; its start time tells. */
interface Holder {
  readonly pid: number;
  readonly startedAt: string;
  readonly bootId: string;
}

/** Process id that the lock file of `folder` names; undefined without one that can be read. */
export function lockedBy(folder: string): number | undefined {
  return readHolder(join(folder, 'lock'))?.pid;
}

/** Process id of the living holder of a folder's lock, known by its start time and the boot; undefined when nobody lives. */
export function livingHolder(folder: string): number | undefined {
  const holder = readHolder(join(folder, 'lock'));
  return holder !== undefined && isAlive(holder) ? holder.pid : undefined;
}

/** True when the holder of a folder's lock lives, and is stopped (SIGSTOP, a debugger): it answers nothing until somebody lets it go on. */
export function isHolderStopped(folder: string): boolean {
  const pid = livingHolder(folder);
  return pid !== undefined && /[Tt]/.test(processOf(pid).state);
}

/**
 * Sends a signal to the holder of a folder's lock, and to no other process: its start time and the boot are looked at right
 * before. False when nobody holds it, or it is not ours to end.
 */
export function signalHolder(folder: string, signal: 'SIGTERM' | 'SIGKILL'): boolean {
  const pid = livingHolder(folder);
  if (pid === undefined || pid === process.pid) return false;
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/**
 * Takes the lock of a book for this process, or throws `STATE.BUSY` (exit 75). A lock whose holder is gone (killed, or the
 * machine was started again) is taken over; never by age alone. Returns the function that gives it back.
 *
 * The file gets its name when it is whole, so nobody reads a holder that is not there yet. Who takes over a dead lock first
 * takes a lock on doing so: of two that see it dead, the slower must not remove the lock of the faster.
 */
export function takeLock(folder: string): () => void {
  const path = join(folder, 'lock');
  const mine = join(folder, `.lock.${process.pid}.${randomBytes(8).toString('hex')}.tmp`);
  try {
    createFile(
      mine,
      `${JSON.stringify({ ...holderOf(process.pid), host: hostname(), generation: generationOf(folder) })}\n`,
    );
    if (!linked(mine, path)) takeOver(mine, path);
    return () => release(path);
  } finally {
    release(mine);
  }
}

/** Gives back the lock of a book that a thread of this process took and cannot give back itself. False when it is not ours. */
export function releaseOwnLock(folder: string): boolean {
  const path = join(folder, 'lock');
  const holder = readHolder(path);
  if (holder?.pid !== process.pid || !isAlive(holder)) return false;
  release(path);
  return true;
}

function takeOver(mine: string, path: string): void {
  refuseLiving(path);
  const guard = `${path}.takeover`;
  if (!linked(mine, guard)) {
    refuseLiving(guard);
    release(guard);
    if (!linked(mine, guard)) throw busy(path, 0);
  }
  try {
    refuseLiving(path);
    release(path);
    if (!linked(mine, path)) throw busy(path, readHolder(path)?.pid ?? 0);
  } finally {
    release(guard);
  }
}

/** Gives a file a second name; false when something has that name already. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw diskError(error, 'could not take the lock', to);
  }
}

function refuseLiving(path: string): void {
  const holder = readHolder(path);
  if (holder !== undefined && isAlive(holder)) throw busy(path, holder.pid);
}

function holderOf(pid: number): Holder {
  return { pid, startedAt: processOf(pid).startedAt, bootId: bootId() };
}

/** Number of the next opening of the book, for the reader of a lock that was left behind; 1 for a new book. */
function generationOf(folder: string): number {
  try {
    const { generation } = JSON.parse(readFileSync(join(folder, 'head.json'), 'utf8')) as Record<string, unknown>;
    return typeof generation === 'number' ? generation + 1 : 1;
  } catch {
    return 1;
  }
}

function busy(path: string, pid: number): FxError {
  return new FxError('STATE.BUSY', {
    message: `another run holds the book (process ${pid}); nothing was done`,
    next: 'wait until it ends, or use another book with --book NAME',
    facts: { lock: path, pid },
  });
}

function isAlive(holder: Holder): boolean {
  if (holder.bootId !== bootId()) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const { state, startedAt } = processOf(holder.pid);
  // A dead process stays in the list until its parent asks for it; it holds nothing any more.
  return startedAt === holder.startedAt && state !== 'Z' && state !== 'X';
}

function readHolder(path: string): Holder | undefined {
  try {
    const { pid, startedAt, bootId: boot } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    if (typeof pid !== 'number' || typeof startedAt !== 'string' || typeof boot !== 'string') return undefined;
    return { pid, startedAt, bootId: boot };
  } catch {
    return undefined;
  }
}

/** State and start time of a process (fields 3 and 22 of the kernel's line about it); empty where there is none. */
function processOf(pid: number): { readonly state: string; readonly startedAt: string } {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', startedAt: fields[19] ?? '' };
  } catch {
    return { state: '', startedAt: '' };
  }
}

function release(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Gone already: somebody took over a lock that he saw as left behind.
  }
}
