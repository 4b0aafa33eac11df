import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { diskError } from './disk-error.js';
import { type FileCalls, REAL_FILES } from './file-calls.js';

/** State is for its owner alone. */
export const FILE_MODE = 0o600;
const DIR_MODE = 0o700;

/**
 * Writes every byte, from byte `position` of the file on or where the file stands: a disk that takes only a part is asked
 * again, one that takes nothing is an error.
 */
export function writeAll(
  fd: number,
  content: string | Uint8Array,
  fs: FileCalls = REAL_FILES,
  position?: number,
): void {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  let done = 0;
  while (done < bytes.length) {
    const written = fs.writeSync(fd, bytes, done, bytes.length - done, position === undefined ? null : position + done);
    if (written === 0) throw Object.assign(new Error('the disk took no more bytes'), { code: 'ENOSPC' });
    done += written;
  }
}

/** Writes what was gathered, with `sync` until it is safe on disk; what the disk says against it is a `STATE` error of `path`. */
export function putOnDisk(
  file: { readonly fd: number; readonly path: string; readonly fs: FileCalls },
  write: () => void,
  sync: boolean,
): void {
  try {
    write();
    if (sync) file.fs.fsyncSync(file.fd);
  } catch (error) {
    throw diskError(error, 'could not write', file.path);
  }
}

/** Closes a file that was written: the disk may say only now that it did not take everything. A `STATE` error of `path`. */
export function closeFile({
  fd,
  path,
  fs,
}: {
  readonly fd: number;
  readonly path: string;
  readonly fs: FileCalls;
}): void {
  try {
    fs.closeSync(fd);
  } catch (error) {
    throw diskError(error, 'could not close', path);
  }
}

/** Reads as many bytes as `into` holds, from `position` on; fewer only at the end of the file. Returns how many. */
export function readAll(fd: number, into: Uint8Array, position: number, fs: FileCalls = REAL_FILES): number {
  let done = 0;
  while (done < into.length) {
    const read = fs.readSync(fd, into, done, into.length - done, position + done);
    if (read === 0) break;
    done += read;
  }
  return done;
}

/** Puts the folder's own entries on disk, so that a new name survives a power loss. Where folders cannot be opened, nothing. */
export function syncDir(folder: string, fs: FileCalls = REAL_FILES): void {
  if (process.platform === 'win32') return;
  const fd = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** Makes `folder` and what is above it, for the owner alone. A folder that is there stays as it is. */
export function ensureDir(folder: string, fs: FileCalls = REAL_FILES): void {
  try {
    makeDirs(folder, fs);
  } catch (error) {
    throw diskError(error, 'could not make the folder', folder);
  }
}

/**
 * Makes `folder` and what is above it, one after the other, and returns the first that was not there; undefined when all were.
 * Not by `recursive`: Node tries for ever where a file system has a parent and yet answers that it has not (/proc does).
 */
export function makeDirs(folder: string, fs: FileCalls = REAL_FILES): string | undefined {
  try {
    fs.mkdirSync(folder, { mode: DIR_MODE });
    return folder;
  } catch (error) {
    if (isFolder(folder, fs)) return undefined;
    const above = dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === folder) throw error;
    const first = makeDirs(above, fs);
    try {
      fs.mkdirSync(folder, { mode: DIR_MODE });
    } catch (again) {
      if (!isFolder(folder, fs)) throw again;
    }
    return first ?? folder;
  }
}

function isFolder(path: string, fs: FileCalls): boolean {
  try {
    return fs.statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** A new empty folder for its owner alone, in the system's place for what may vanish. */
export function tempFolder(prefix: string): string {
  return mkdtempSync(join(tmpdir(), prefix));
}
