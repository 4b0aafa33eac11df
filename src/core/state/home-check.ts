import { statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type FileCalls, REAL_FILES } from './file-calls.js';
import { randomBits } from './random-bits.js';

/** How a home is found before anybody needs it. */
export interface HomeState {
  readonly there: boolean;
  /** Nothing lies in it, or it is not there yet. */
  readonly empty: boolean;
  /** Permission bits; undefined when it is not there. */
  readonly mode: number | undefined;
  /** What the system says against writing there; undefined when it can be written. */
  readonly refusal: string | undefined;
  /** Bytes that a program without special rights may still write; undefined where the system does not say. */
  readonly freeBytes: number | undefined;
}

/**
 * Looks at a home and leaves it as it was. Permission bits do not tell whether it can be written (a disk may be mounted
 * read-only, root may do everything), so a file is made there and taken away again. A home that is not there is not made:
 * the nearest folder above it is asked instead.
 */
export function checkHome(home: string, fs: FileCalls = REAL_FILES): HomeState {
  const found = statOf(home, fs);
  if (found === undefined) {
    const above = nearestAbove(home, fs);
    return {
      there: false,
      empty: true,
      mode: undefined,
      refusal: writeRefusal(above, fs),
      freeBytes: freeBytesOf(above),
    };
  }
  const mode = found.mode & 0o777;
  if (!found.isDirectory()) {
    return { there: true, empty: false, mode, refusal: 'it is not a folder', freeBytes: undefined };
  }
  const empty = isEmpty(home, fs);
  return { there: true, empty, mode, refusal: writeRefusal(home, fs), freeBytes: freeBytesOf(home) };
}

function statOf(path: string, fs: FileCalls) {
  try {
    return fs.statSync(path);
  } catch {
    return undefined;
  }
}

function nearestAbove(path: string, fs: FileCalls): string {
  const above = dirname(path);
  if (above === path || statOf(above, fs) !== undefined) return above;
  return nearestAbove(above, fs);
}

function isEmpty(folder: string, fs: FileCalls): boolean {
  try {
    return fs.readdirSync(folder).length === 0;
  } catch {
    return false;
  }
}

function writeRefusal(folder: string, fs: FileCalls): string | undefined {
  const path = join(folder, `.fxtrade-probe-${Buffer.from(randomBits()).toString('hex').slice(0, 16)}`);
  try {
    fs.closeSync(fs.openSync(path, 'wx', 0o600));
    fs.unlinkSync(path);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'it cannot be written';
  }
}

/** Bytes that a program without special rights may still write in a folder; undefined where the system does not say. */
export function freeBytesOf(folder: string): number | undefined {
  return roomOf(folder)?.free;
}

/** Room on the disk of a folder, bytes. */
export interface Room {
  readonly free: number;
  readonly size: number;
}

function roomOf(folder: string): Room | undefined {
  try {
    const { bavail, blocks, bsize } = statfsSync(folder);
    return { free: bavail * bsize, size: blocks * bsize };
  } catch {
    return undefined;
  }
}

/** Of a disk, below which nothing new is begun on it. */
const LEAST_SHARE = 0.05;
const MIB = 1024 ** 2;

/**
 * Why too little room is left to begin something new, or undefined: less than a twentieth of the disk and less than `little`
 * bytes, since a twentieth of a large disk is plenty. What goes on needs room for its records as well. A system that does not
 * say how much there is stops nothing.
 */
export function roomStop(folder: string, little: number, room: Room | undefined = roomOf(folder)): string | undefined {
  if (room === undefined) return undefined;
  const least = Math.min(room.size * LEAST_SHARE, little);
  if (room.free >= least) return undefined;
  const mib = (bytes: number): string => `${(bytes / MIB).toFixed(0)} MiB`;
  return `${mib(room.free)} are free on the disk of ${folder}, limit is ${mib(least)}`;
}
