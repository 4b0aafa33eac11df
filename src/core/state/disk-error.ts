import { type ErrorCode, FxError } from '../base/errors.js';

interface DiskTrouble {
  readonly code: ErrorCode;
  readonly what: string;
  readonly next: string;
}

const FULL: DiskTrouble = {
  code: 'STATE.DISK_FULL',
  what: 'the disk is full',
  next: 'free some space, then run the same command again',
};
const READ_ONLY: DiskTrouble = {
  code: 'STATE.READ_ONLY',
  what: 'the file system is read-only',
  next: 'make it writable, or choose another folder with --home or FXTRADE_HOME',
};
const NO_ACCESS: DiskTrouble = {
  code: 'STATE.NO_ACCESS',
  what: 'this user may not write there',
  next: 'give this user the right to write there, or choose another folder with --home or FXTRADE_HOME',
};
const WRONG_KIND: DiskTrouble = {
  code: 'STATE.WRONG_KIND',
  what: 'a file stands where a folder must be, or a folder where a file must be',
  next: 'move it away, or choose another folder with --home or FXTRADE_HOME',
};

const TROUBLE: Readonly<Record<string, DiskTrouble>> = {
  ENOSPC: FULL,
  EDQUOT: FULL,
  EROFS: READ_ONLY,
  EACCES: NO_ACCESS,
  EPERM: NO_ACCESS,
  ENOTDIR: WRONG_KIND,
  EISDIR: WRONG_KIND,
  EEXIST: WRONG_KIND,
  EFBIG: {
    code: 'STATE.FILE_LIMIT',
    what: 'this user or the file system allows no larger file',
    next: 'raise the limit (ulimit -f), or choose another disk with --home, then run the same command again',
  },
  EMFILE: {
    code: 'STATE.TOO_MANY_FILES',
    what: 'too many files are open',
    next: 'raise the limit (ulimit -n), then run the same command again',
  },
};

const OTHER: DiskTrouble = {
  code: 'STATE.DISK_ERROR',
  what: 'the disk refused',
  next: 'check the disk and the folder, then run the same command again',
};

/** What the operating system said of `path`, as an operating error: what failed, why, and what to do. Exit code 7. */
export function diskError(error: unknown, doing: string, path: string): FxError {
  if (error instanceof FxError) return error;
  const errno = (error as NodeJS.ErrnoException).code ?? 'UNKNOWN';
  const { code, what, next } = TROUBLE[errno] ?? OTHER;
  return new FxError(code, {
    message: `${doing} ${path}: ${what} (${errno})`,
    next,
    facts: { path, errno },
    cause: error,
  });
}
