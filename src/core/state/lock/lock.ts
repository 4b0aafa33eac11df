import { rmdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { FxError } from '../../base/errors.js';
import { diskError } from '../disk-error.js';
import { makeDirs } from '../write.js';
import { kernelLockHolder, type Lock, tryKernelLock } from './kernel-lock.js';
import { lockedBy, takeLock } from './lock-file.js';

/** How often a folder may be taken away while its lock is taken. */
const TRIES = 5;

/**
 * Takes the lock of a folder (made when it is not there) for this process, or throws `STATE.BUSY` (exit 75) with the
 * holder's process id. Two guards: one that the kernel keeps and frees when this process is gone, and the file `lock`, which
 * also holds between containers that share a disk. The kernel's goes by the folder itself, not by its name, so links and
 * mounts lead to the same lock. A folder that is still empty at the release is removed again, with those made for it.
 */
export async function acquireLock(folder: string): Promise<Lock> {
  for (let attempt = 1; ; attempt++) {
    const madeFrom = make(folder);
    const key = keyOf(folder);
    const kernel = key === undefined ? undefined : await tryKernelLock(key);
    if (kernel === undefined && key !== undefined)
      throw busy(folder, (await kernelLockHolder(key)) ?? lockedBy(folder));
    // Somebody who gave up may have removed the folder in between: then this lock is on nothing.
    if (key === undefined || keyOf(folder) !== key) {
      kernel?.release();
      if (attempt < TRIES) continue;
      throw busy(folder, undefined);
    }
    return withFile(folder, kernel, madeFrom);
  }
}

function withFile(folder: string, kernel: Lock | undefined, madeFrom: string | undefined): Lock {
  try {
    const releaseFile = takeLock(folder);
    let held = true;
    return {
      release() {
        if (!held) return;
        held = false;
        releaseFile();
        if (madeFrom !== undefined) removeEmpty(folder, madeFrom);
        kernel?.release();
      },
    };
  } catch (error) {
    kernel?.release();
    throw error;
  }
}

function busy(folder: string, pid: number | undefined): FxError {
  const who = pid === undefined ? 'another process' : `process ${pid}`;
  return new FxError('STATE.BUSY', {
    message: `another run holds ${folder} (${who}); nothing was done`,
    next: 'wait until it ends, or use another book with --book NAME',
    facts: { folder, pid: pid ?? null },
  });
}

/** The first folder that had to be made, or undefined. */
function make(folder: string): string | undefined {
  try {
    return makeDirs(folder);
  } catch (error) {
    throw diskError(error, 'could not make the folder', folder);
  }
}

/** Device and number of the folder: the same under every name it has. Undefined when it is gone. */
function keyOf(folder: string): string | undefined {
  try {
    const { dev, ino } = statSync(folder, { bigint: true });
    return `${dev}:${ino}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw diskError(error, 'could not take the lock of', folder);
  }
}

/** Empty folders from `folder` up to `top`; the first that is not empty ends it. */
function removeEmpty(folder: string, top: string): void {
  try {
    for (let at = folder; at.length >= top.length; at = dirname(at)) rmdirSync(at);
  } catch {
    return;
  }
}
