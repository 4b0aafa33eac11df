import { randomBytes } from 'node:crypto';
import { rmdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { diskError } from './disk-error.js';
import { type FileCalls, REAL_FILES } from './file-calls.js';
import { FILE_MODE, makeDirs, syncDir, writeAll } from './write.js';

/** A whole file beside the place it is meant for. */
export interface StagedFile {
  readonly path: string;
  /** Puts it in its place as one step. */
  commit(): void;
  /** Removes it, and the folders that were made for it. */
  drop(): void;
}

/** How a large file is written; `durable: false` leaves the disk its time, for files that can be made again. */
export interface ChunkOptions {
  readonly durable?: boolean;
  readonly fs?: FileCalls;
}

/**
 * Writes chunks to a hidden file beside `path` (mode 0600), for a caller who knows only later whether the file is wanted.
 * When the chunks or the disk fail, nothing is left, not even a new folder.
 */
export async function stageChunks(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  { durable = true, fs = REAL_FILES }: ChunkOptions = {},
): Promise<StagedFile> {
  const folder = dirname(path);
  const temp = join(folder, `.${basename(path)}.${randomBytes(8).toString('hex')}.tmp`);
  let madeFrom: string | undefined;
  const drop = (): void => {
    quietly(() => fs.unlinkSync(temp));
    if (madeFrom !== undefined) removeEmpty(folder, madeFrom);
  };
  try {
    madeFrom = makeDirs(folder);
    const fd = fs.openSync(temp, 'wx', FILE_MODE);
    try {
      for await (const chunk of chunks) writeAll(fd, chunk, fs);
      if (durable) fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  } catch (error) {
    drop();
    throw diskErrorOf(error, path);
  }
  return {
    path,
    drop,
    commit() {
      try {
        fs.renameSync(temp, path);
        if (durable) syncDir(folder, fs);
      } catch (error) {
        drop();
        throw diskError(error, 'could not write', path);
      }
    },
  };
}

/** Only what the operating system said is about the disk; what the maker of the chunks threw stays as it is. */
function diskErrorOf(error: unknown, path: string): unknown {
  const isDisk = error instanceof Error && typeof (error as NodeJS.ErrnoException).errno === 'number';
  const isFull = (error as NodeJS.ErrnoException).code === 'ENOSPC';
  return isDisk || isFull ? diskError(error, 'could not write', path) : error;
}

/** Removes empty folders from `folder` up to `top`, the first that was made. */
function removeEmpty(folder: string, top: string): void {
  quietly(() => {
    for (let at = folder; at.length >= top.length; at = dirname(at)) rmdirSync(at);
  });
}

/** For tidying up: the first error is the one to tell. */
function quietly(act: () => void): void {
  try {
    act();
  } catch {
    return;
  }
}
