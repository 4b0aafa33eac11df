import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { diskError } from './disk-error.js';
import { type FileCalls, REAL_FILES } from './file-calls.js';
import { FILE_MODE, syncDir, writeAll } from './write.js';

/**
 * Puts `content` in the place of `path` as one step: whoever reads, and whatever crashes, sees the old text or the new
 * text, never a part (reliability.md 4.2). The new file has mode 0600 and is on disk, with its folder, on return.
 */
export function replaceFile(path: string, content: string | Uint8Array, fs: FileCalls = REAL_FILES): void {
  const folder = dirname(path);
  const temp = join(folder, `.${basename(path)}.${randomBytes(8).toString('hex')}.tmp`);
  let made = false;
  try {
    const fd = fs.openSync(temp, 'wx', FILE_MODE);
    made = true;
    try {
      writeAll(fd, content, fs);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(temp, path);
    made = false;
    syncDir(folder, fs);
  } catch (error) {
    if (made) removeQuietly(temp, fs);
    throw diskError(error, 'could not write', path);
  }
}

/** Writes `content` to a new file at `path`; false, and nothing done, when something is there already. */
export function createFile(path: string, content: string | Uint8Array, fs: FileCalls = REAL_FILES): boolean {
  try {
    const fd = fs.openSync(path, 'wx', FILE_MODE);
    try {
      writeAll(fd, content, fs);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    syncDir(dirname(path), fs);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw diskError(error, 'could not write', path);
  }
}

/**
 * Puts `content` under `path`, whole and safe on disk, if nothing is there: of several that try, exactly one succeeds, and
 * whoever looks sees nothing or all of it. False, and nothing done, for the others. The new file has mode 0600.
 */
export function createWhole(path: string, content: string, fs: FileCalls = REAL_FILES): boolean {
  const folder = dirname(path);
  const temp = join(folder, `.${basename(path)}.${randomBytes(8).toString('hex')}.tmp`);
  createFile(temp, content, fs);
  try {
    fs.linkSync(temp, path);
    syncDir(folder, fs);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // A file system without links makes it in its place; a reader may then see a part of it for a moment.
    if (code !== undefined && NO_LINKS.has(code)) return createFile(path, content, fs);
    throw diskError(error, 'could not write', path);
  } finally {
    removeQuietly(temp, fs);
  }
}

const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** Appends `text` and a line end to `path` (made with mode 0600 when absent) and waits until it is on disk. */
export function appendLine(path: string, text: string, fs: FileCalls = REAL_FILES): void {
  try {
    const fd = fs.openSync(path, 'a', FILE_MODE);
    try {
      const first = fs.fstatSync(fd).size === 0;
      writeAll(fd, `${text}\n`, fs);
      fs.fsyncSync(fd);
      if (first) syncDir(dirname(path), fs);
    } finally {
      fs.closeSync(fd);
    }
  } catch (error) {
    throw diskError(error, 'could not append to', path);
  }
}

/** The first error is the one to tell; a temp file that stays behind harms nobody. */
function removeQuietly(path: string, fs: FileCalls): void {
  try {
    fs.unlinkSync(path);
  } catch {
    return;
  }
}
