import { join } from 'node:path';
import { FxError } from '../../base/errors.js';
import { replaceFile } from '../atomic.js';
import { damaged } from '../damage.js';
import { type FileCalls, REAL_FILES } from '../file-calls.js';

/**
 * What `head.json` says: the last record that is known to be safe on disk, and how often the book was opened for writing.
 * A chain of hashes cannot show that its last records are gone; this can.
 */
export interface Head {
  readonly seq: number;
  readonly hash: string;
  readonly generation: number;
}

export const NO_RECORDS: Head = { seq: 0, hash: '', generation: 0 };

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** The head of a book, or undefined when there is none. Throws `STATE.DAMAGED` or `STATE.VERSION`. */
export function readHead(folder: string, fs: FileCalls = REAL_FILES): Head | undefined {
  const path = join(folder, 'head.json');
  let text: string;
  try {
    text = fs.readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const { version, seq, h, generation } = fieldsOf(text, path);
  if (isCount(version) && version > 1) {
    throw new FxError('STATE.VERSION', {
      message: `${path} has version ${version}, this program reads version 1`,
      next: 'use the program version that wrote the book, or begin a new one with --book NAME',
      facts: { path, version },
    });
  }
  const isOurs = version === 1 && isCount(seq) && typeof h === 'string' && isCount(generation);
  if (!isOurs) throw damaged(path, 0, 'it names no record');
  return { seq, hash: h, generation };
}

function fieldsOf(text: string, path: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // What is no JSON is damage, like JSON of another shape.
  }
  throw damaged(path, 0, 'it is not readable as JSON');
}

/** Replaces the head; after what it names was made safe. */
export function writeHead(folder: string, { seq, hash, generation }: Head, fs: FileCalls = REAL_FILES): void {
  const text = JSON.stringify({ version: 1, seq, h: hash, generation });
  replaceFile(join(folder, 'head.json'), `${text}\n`, fs);
}
