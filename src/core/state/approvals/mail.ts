import { constants } from 'node:fs';
import { type FileCalls, REAL_FILES } from '../file-calls.js';
import { readAll } from '../write.js';

/** Larger than any question or answer, so that a wrong file cannot fill the memory. */
const MOST_BYTES = 256 * 1024;

/** A file that another process may have left, as far as it can be trusted. */
export type Mail =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bad'; readonly why: string };

/**
 * Reads a file that somebody else may have put there: a plain file of this user that nobody else can read or write, or it is
 * bad. Links are not followed.
 */
export function readMail(path: string, fs: FileCalls = REAL_FILES): Mail {
  let fd: number;
  try {
    fd = fs.openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT'
      ? { kind: 'none' }
      : { kind: 'bad', why: `it cannot be read (${code ?? 'unknown error'})` };
  }
  try {
    const { size, mode, uid, isFile } = statOf(fd, fs);
    if (!isFile) return { kind: 'bad', why: 'it is no plain file' };
    if (process.getuid !== undefined && uid !== process.getuid()) return { kind: 'bad', why: 'another user made it' };
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      return {
        kind: 'bad',
        why: `others may use it (mode ${(mode & 0o777).toString(8).padStart(4, '0')}, must be 0600)`,
      };
    }
    if (size > MOST_BYTES) return { kind: 'bad', why: `it has ${size} bytes, at most ${MOST_BYTES}` };
    const bytes = Buffer.alloc(size);
    const read = readAll(fd, bytes, 0, fs);
    return { kind: 'text', text: bytes.toString('utf8', 0, read) };
  } catch (error) {
    return { kind: 'bad', why: `it cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})` };
  } finally {
    fs.closeSync(fd);
  }
}

function statOf(fd: number, fs: FileCalls) {
  const found = fs.fstatSync(fd);
  return { size: found.size, mode: found.mode, uid: found.uid, isFile: found.isFile() };
}
