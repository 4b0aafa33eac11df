import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { jsonText } from '../../base/text.js';
import { replaceFile } from '../atomic.js';
import { diskError } from '../disk-error.js';
import { type FileCalls, REAL_FILES } from '../file-calls.js';
import { upToDate } from './schema-version.js';

const SNAPSHOTS_KEPT = 3;
const NAME = /^snapshot-\d+\.json$/;

const snapshotSchema = z.strictObject({
  version: z.literal(1),
  rows: z.int().min(0),
  journal: z.strictObject({ seq: z.int().min(0), hash: z.string(), bytes: z.int().min(0) }),
  offsets: z.strictObject({ equity: z.int(), returns: z.int(), trades: z.int(), orders: z.int() }),
  finished: z.boolean(),
  state: z.unknown(),
});
export type Snapshot = z.infer<typeof snapshotSchema>;

/**
 * Keeps a snapshot in a file of its own with its hash, named by the journal's last record, and forgets the oldest. One at
 * the same record as another takes its place: more bars were worked, and none of them left a record.
 */
export function writeSnapshot(folder: string, snapshot: Snapshot, fs: FileCalls = REAL_FILES): void {
  const body = jsonText(snapshot);
  const hash = createHash('sha256').update(body).digest('hex');
  const name = `snapshot-${String(snapshot.journal.seq).padStart(12, '0')}.json`;
  replaceFile(join(folder, name), `{"h":"${hash}","s":${body}}\n`, fs);
  try {
    for (const old of snapshotNames(folder, fs).slice(0, -SNAPSHOTS_KEPT)) fs.unlinkSync(join(folder, old));
  } catch (error) {
    throw diskError(error, 'could not remove an old snapshot in', folder);
  }
}

function textOf(path: string, fs: FileCalls): string {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch (error) {
    throw diskError(error, 'could not read', path);
  }
}

/** The newest snapshot that is whole, or undefined. One that a crash spoiled is passed over. */
export function readSnapshot(folder: string, fs: FileCalls = REAL_FILES): Snapshot | undefined {
  for (const name of snapshotNames(folder, fs).reverse()) {
    const path = join(folder, name);
    const text = textOf(path, fs);
    const match = /^\{"h":"([0-9a-f]{64})","s":(.*)\}\n$/s.exec(text);
    const body = match?.[2];
    if (body === undefined || createHash('sha256').update(body).digest('hex') !== match?.[1]) continue;
    const parsed: unknown = JSON.parse(body);
    return upToDate(snapshotSchema, parsed, path);
  }
  return undefined;
}

function snapshotNames(folder: string, fs: FileCalls): string[] {
  try {
    return fs
      .readdirSync(folder)
      .filter((name) => NAME.test(name))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw diskError(error, 'could not read', folder);
  }
}
