import { copyFileSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FxError } from '../../base/errors.js';
import { replaceFile } from '../atomic.js';
import { diskError } from '../disk-error.js';
import { ensureDir } from '../write.js';

/**
 * Makes the folder of `--out`. One that holds a `run.json` is replaced file by file; any other that is not empty belongs to
 * somebody else and is refused.
 */
export function openOutFolder(folder: string, how: 'check' | 'make'): void {
  if (existsSync(folder)) {
    if (!statSync(folder).isDirectory()) {
      throw new FxError('USAGE.OUT', {
        message: `--out ${folder} is a file`,
        next: 'name a folder that is new, empty, or holds an earlier run',
      });
    }
    const names = list(folder);
    if (names.length > 0 && !names.includes('run.json')) {
      throw new FxError('USAGE.OUT', {
        message: `--out ${folder} holds ${names.length} files and no run.json`,
        next: 'name a folder that is new, empty, or holds an earlier run',
        facts: { folder, files: names.length },
      });
    }
  }
  if (how === 'make') ensureDir(folder);
}

/** Where the files of a run grow until it is whole: beside the folder of `--out`, so that a failed run leaves nothing there. */
export class PartialFolder {
  readonly path: string;
  readonly out: string;

  constructor(out: string) {
    this.out = out;
    this.path = partialPath(out);
    dropPartialFolder(out);
    ensureDir(this.path);
  }

  /** Puts every file in its place, `run.json` last: a folder with it is a whole run. Returns the paths by name. */
  finish(): Readonly<Record<string, string>> {
    openOutFolder(this.out, 'make');
    const names = list(this.path).sort((a, b) => Number(a === 'run.json') - Number(b === 'run.json'));
    for (const name of names) renameSync(join(this.path, name), join(this.out, name));
    rmSync(this.path, { recursive: true, force: true });
    return Object.fromEntries(names.map((name) => [name, join(this.out, name)]));
  }
}

/** Removes what a run of this process that came to nothing left beside the folder of its `--out`. */
export function dropPartialFolder(out: string): void {
  try {
    rmSync(partialPath(out), { recursive: true, force: true });
  } catch (error) {
    throw diskError(error, 'could not use', out);
  }
}

const partialPath = (out: string): string => `${out}.partial-${process.pid}`;

/** Copies the rows of a finished book. */
export function copyRows(from: string, to: string): void {
  for (const name of ['equity.csv', 'returns.csv', 'trades.csv', 'orders.csv']) {
    try {
      copyFileSync(join(from, name), join(to, name));
    } catch (error) {
      throw diskError(error, 'could not copy', join(from, name));
    }
  }
}

/** Writes one whole file of a run. */
export function writeRunFile(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  replaceFile(path, text);
  return path;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw diskError(error, 'could not read', folder);
  }
}
