import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { FxError } from '../../base/errors.js';
import { replaceFile } from '../atomic.js';
import { damaged } from './journal-check.js';
import { ensureDir } from '../write.js';

const SNAPSHOTS_KEPT = 3;

/** What a book is bound to at its first run; other arguments are refused. */
const bindingSchema = z.strictObject({
  version: z.literal(1),
  kind: z.enum(['replay', 'realtime']),
  strategy: z.string(),
  codeHash: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  configHash: z.string(),
  dataHash: z.string(),
  arguments: z.record(z.string(), z.string()),
  startedAt: z.string(),
});
export type Binding = z.infer<typeof bindingSchema>;

const snapshotSchema = z.strictObject({
  version: z.literal(1),
  rows: z.int().min(0),
  journal: z.strictObject({ seq: z.int().min(0), hash: z.string(), bytes: z.int().min(0) }),
  offsets: z.strictObject({ equity: z.int(), returns: z.int(), trades: z.int(), orders: z.int() }),
  finished: z.boolean(),
  state: z.unknown(),
});
export type Snapshot = z.infer<typeof snapshotSchema>;

/** The folder of a book: `books/<mode>-<name>`. A name that would be a path throws `USAGE.BAD_VALUE`. */
export function bookFolder(home: string, mode: string, name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    throw new FxError('USAGE.BAD_VALUE', {
      message: `--book is ${JSON.stringify(name)}, must be a name of letters, digits, dot, - and _ (64 at most)`,
      next: 'give a name such as --book evening',
      facts: { book: name },
    });
  }
  return join(home, 'books', `${mode}-${name}`);
}

/** What the book is bound to, or undefined for a new one. */
export function readBinding(folder: string): Binding | undefined {
  const path = join(folder, 'book.json');
  if (!existsSync(path)) return undefined;
  return checked(bindingSchema, readJson(path), path);
}

/** Binds a new book. */
export function bind(folder: string, binding: Binding): void {
  ensureDir(folder);
  replaceFile(join(folder, 'book.json'), `${JSON.stringify(binding, null, 2)}\n`);
}

/** Replaces the newest snapshot, each in a file of its own with its hash, and forgets the oldest. */
export function writeSnapshot(folder: string, snapshot: Snapshot): void {
  const body = JSON.stringify(snapshot);
  const hash = createHash('sha256').update(body).digest('hex');
  const name = `snapshot-${String(snapshot.rows).padStart(12, '0')}.json`;
  replaceFile(join(folder, name), `{"h":"${hash}","s":${body}}\n`);
  for (const old of snapshotNames(folder).slice(0, -SNAPSHOTS_KEPT)) unlinkSync(join(folder, old));
}

/** The newest snapshot that is whole, or undefined. One that a crash spoiled is passed over. */
export function readSnapshot(folder: string): Snapshot | undefined {
  for (const name of snapshotNames(folder).reverse()) {
    const text = readFileSync(join(folder, name), 'utf8');
    const match = /^\{"h":"([0-9a-f]{64})","s":(.*)\}\n$/s.exec(text);
    const body = match?.[2];
    if (body === undefined || createHash('sha256').update(body).digest('hex') !== match?.[1]) continue;
    const parsed: unknown = JSON.parse(body);
    return checked(snapshotSchema, parsed, join(folder, name));
  }
  return undefined;
}

function snapshotNames(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^snapshot-\d+\.json$/.test(name))
    .sort();
}

/** What a file of a book says, of the shape this program writes. Throws `STATE.VERSION` or `STATE.DAMAGED`. */
function checked<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const version = (value as { version?: unknown } | null)?.version;
  if (typeof version === 'number' && version !== 1) {
    throw new FxError('STATE.VERSION', {
      message: `${path} has version ${version}, this program reads version 1`,
      next: 'use the program version that wrote the book, or begin a new one with --book NAME',
      facts: { path, version },
    });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problem = parsed.error.issues[0];
  throw damaged(path, 0, `${problem?.path.join('.') ?? ''} ${problem?.message ?? 'is not what was written'}`.trim());
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
