import { dirname } from 'node:path';
import { FxError } from '../base/errors.js';

/** Where a file of a book stops being what was written. */
export interface DamagePlace {
  readonly path: string;
  /** Offset of the first bad byte's line, from 0. */
  readonly byte: number;
  /** Number of the record that should stand there, from 1; absent for a file without records. */
  readonly record?: number;
}

/** `STATE.DAMAGED`: which file, at which byte and record, why, and the two ways on. Nothing is changed or removed. */
export function damagedAt({ path, byte, record }: DamagePlace, what: string): FxError {
  const folder = dirname(path);
  const at = record === undefined ? `byte ${byte}` : `byte ${byte}, record ${record}`;
  const repair = `mv ${JSON.stringify(folder)} ${JSON.stringify(`${folder}.damaged`)}`;
  return new FxError('STATE.DAMAGED', {
    message: `${path} is damaged at ${at}: ${what}`,
    next: `restore ${folder} from a backup, or keep it aside and begin a new book: ${repair}`,
    facts: { path, byte, ...(record === undefined ? {} : { record }), repair },
  });
}

export function damaged(path: string, byte: number, what: string): FxError {
  return damagedAt({ path, byte }, what);
}
