import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { FxError } from '../../base/errors.js';
import { jsonText } from '../../base/text.js';
import { replaceFile } from '../atomic.js';
import { ensureDir } from '../write.js';
import { upToDate } from './schema-version.js';

/** What a book is bound to at its first run; other arguments are refused. */
const bindingSchema = z.strictObject({
  version: z.literal(1),
  kind: z.enum(['replay', 'realtime', 'live']),
  strategy: z.string(),
  codeHash: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  configHash: z.string(),
  dataHash: z.string(),
  arguments: z.record(z.string(), z.string()),
  startedAt: z.string(),
});
export type Binding = z.infer<typeof bindingSchema>;

/** What the book is bound to, or undefined for a new one. */
export function readBinding(folder: string): Binding | undefined {
  const path = join(folder, 'book.json');
  if (!existsSync(path)) return undefined;
  return upToDate(bindingSchema, readJson(path), path);
}

/** Binds a new book. */
export function bind(folder: string, binding: Binding): void {
  ensureDir(folder);
  replaceFile(join(folder, 'book.json'), `${jsonText(binding, 2)}\n`);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new FxError('STATE.DAMAGED', {
      message: `${path} is not readable as JSON`,
      next: 'restore the book folder from a backup, or move it away to begin a new book',
      facts: { path },
      cause,
    });
  }
}

/**
 * Removes a book whose first run was refused before its first snapshot: it would bind the name to input that is wrong.
 * A book with a snapshot stays, since its run can be resumed. What cannot be removed harms nobody.
 */
export function dropRefusedBook(folder: string): void {
  if (readdirSync(folder).some((name) => name.startsWith('snapshot-'))) return;
  try {
    rmSync(folder, { recursive: true });
    rmdirSync(dirname(folder));
  } catch {
    return;
  }
}
