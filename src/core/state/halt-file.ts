import { join } from 'node:path';
import { jsonText } from '../base/text.js';
import { diskError } from './disk-error.js';
import { type FileCalls, REAL_FILES } from './file-calls.js';
import { ensureDir, FILE_MODE, syncDir, writeAll } from './write.js';

/** What a halt stops: everything, or one broker, strategy or instrument. */
export type HaltScope = 'all' | `broker:${string}` | `strategy:${string}` | `instrument:${string}`;
/** `all` lets nothing new out, `reduce-only` lets exits out. */
export type HaltMode = 'all' | 'reduce-only';

/** One line of the latch. */
export interface HaltLine {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly who: string;
  readonly reason: string;
  readonly scope: HaltScope;
  readonly mode: HaltMode;
}

export const HALT_FILE = 'HALT';
/** Room in the home that a live session puts aside for the latch. */
export const RESERVE_FILE = '.reserve';
const EMPTY_WAIT_MS = 5;
const WRITE_TRIES = 20;
const SCOPE = /^(all|(broker|strategy|instrument):\S.*)$/;

/** True when `text` names a scope. */
export function isHaltScope(text: unknown): text is HaltScope {
  return typeof text === 'string' && SCOPE.test(text);
}

/**
 * The halts in force, in the order in which they were set; empty only when there is no `HALT` in `home` at all.
 * A file or a line that cannot be read or understood halts everything, so `touch HALT` works and no damage opens trading.
 * One lstat when there is none: cheap enough to ask before every order.
 */
export function readHalts(home: string, fs: FileCalls = REAL_FILES): readonly HaltLine[] {
  const path = join(home, HALT_FILE);
  try {
    // Not stat: a link to nowhere is a halt that cannot be read, not the absence of one.
    fs.lstatSync(path);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? []
      : [unknownHalt(`the latch cannot be seen: ${wordOf(error)}`)];
  }
  try {
    return parseHalts(fs.readFileSync(path, 'utf8'));
  } catch (error) {
    return [unknownHalt(`the latch cannot be read: ${wordOf(error)}`)];
  }
}

/** The halts that the text of a latch means; at least one, whatever the text. */
export function parseHalts(text: string): readonly HaltLine[] {
  const lines = text.split('\n');
  if (lines.length > 1 && lines.at(-1) === '') lines.pop();
  return lines.map(
    (line) => parseLine(line) ?? unknownHalt(line === '' ? 'an empty line in the latch' : 'a line that is not ours'),
  );
}

/**
 * Adds `halt` to the latch and returns its path; the line is on disk, with its folder, on return. The first one makes the
 * file (O_EXCL), the next append. Should a resume replace the file at the same moment, the line is written again.
 */
export function writeHalt(home: string, halt: HaltLine, fs: FileCalls = REAL_FILES): string {
  const path = join(home, HALT_FILE);
  try {
    ensureDir(home, fs);
    try {
      latch(path, halt, fs);
    } catch (error) {
      // What a full disk took of the line stays, and halts everything; with the room that was put aside it becomes whole.
      if (!isFull(error) || !giveUpReserve(home, fs)) throw error;
      latch(path, halt, fs);
    }
    syncDir(home, fs);
    return path;
  } catch (error) {
    throw diskError(error, 'could not write the halt latch', path);
  }
}

/** False when there was no room to give back. */
function giveUpReserve(home: string, fs: FileCalls): boolean {
  try {
    fs.unlinkSync(join(home, RESERVE_FILE));
    return true;
  } catch {
    return false;
  }
}

const isFull = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes(wordOf(error));

function latch(path: string, halt: HaltLine, fs: FileCalls): void {
  for (let tries = 1; !written(path, halt, fs); tries++) {
    if (tries >= WRITE_TRIES) throw Object.assign(new Error('the latch kept changing'), { code: 'EBUSY' });
  }
}

/** False when the file that took the line is no longer the one under the name. */
function written(path: string, halt: HaltLine, fs: FileCalls): boolean {
  const { fd, made } = openLatch(path, fs);
  try {
    const before = made ? '' : repairBefore(fd, halt, fs);
    writeAll(fd, `${before}${jsonText(halt)}\n`, fs);
    fs.fsyncSync(fd);
    return isStillAt(path, fd, fs);
  } finally {
    fs.closeSync(fd);
  }
}

function openLatch(path: string, fs: FileCalls): { fd: number; made: boolean } {
  try {
    return { fd: fs.openSync(path, 'ax', FILE_MODE), made: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  try {
    return { fd: fs.openSync(path, 'a+', FILE_MODE), made: false };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    return { fd: fs.openSync(path, 'a', FILE_MODE), made: false };
  }
}

/**
 * What must stand before a line that is appended. An empty file halts everything and must go on doing so: its halt is
 * written out. A last line without its end must not swallow ours.
 */
function repairBefore(fd: number, halt: HaltLine, fs: FileCalls): string {
  // Another halt may have made the file and be about to write: an empty file is asked a second time.
  if (fs.fstatSync(fd).size === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, EMPTY_WAIT_MS);
  const { size } = fs.fstatSync(fd);
  if (size === 0) {
    const found = { ...unknownHalt('an empty HALT file was found'), id: `${halt.id}-found`, time: halt.time };
    return `${jsonText(found)}\n`;
  }
  try {
    const last = Buffer.alloc(1);
    fs.readSync(fd, last, 0, 1, size - 1);
    return last[0] === 0x0a ? '' : '\n';
  } catch {
    return '\n';
  }
}

function isStillAt(path: string, fd: number, fs: FileCalls): boolean {
  const ours = fs.fstatSync(fd);
  try {
    const there = fs.statSync(path);
    return there.ino === ours.ino && there.dev === ours.dev;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function parseLine(line: string): HaltLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, time, who, reason, scope, mode } = value as Record<string, unknown>;
  if (!isHaltScope(scope) || (mode !== 'all' && mode !== 'reduce-only')) return undefined;
  if (typeof id !== 'string' || typeof time !== 'string') return undefined;
  return {
    id,
    time,
    who: typeof who === 'string' ? who : 'unknown',
    reason: typeof reason === 'string' ? reason : '',
    scope,
    mode,
  };
}

function unknownHalt(reason: string): HaltLine {
  return { id: 'unknown', time: '', who: 'unknown', reason, scope: 'all', mode: 'all' };
}

function wordOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}
