import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FxError } from '../../core/base/errors.js';
import type { EpochMs } from '../../core/model/ids.js';
import { replaceFile } from '../../core/state/atomic.js';
import { acquireLock } from '../../core/state/lock/lock.js';
import { ensureDir } from '../../core/state/write.js';
import type { PageStore } from '../../feeds/network/client.js';
import { storedFolder } from '../stored/names.js';

/** A price that was changed after it was published: the first one stays in the data, both are here. */
export interface StoredRevision {
  readonly series: string;
  readonly period: string;
  readonly was: string;
  readonly wasKnownAt: string;
  readonly now: string;
  readonly knownAt: string;
}

/** What is known of stored data besides the data: where it came from and when it was last asked for. */
export interface PullRecord {
  readonly version: 1;
  readonly feed: string;
  readonly pulledAt: string;
  /** When everything was last read, not only what was new. */
  readonly fullAt: string;
  /** The last pull had no end: what it did not bring was not there. */
  readonly open: boolean;
  /** Values that changed, of prices; those of rates stand among the rates. */
  readonly revisions: readonly StoredRevision[];
}

const DAY_MS = 86_400_000;

/** The record of a name; undefined when nothing was pulled under it, or the record is damaged: then all is read again. */
export function readPullRecord(home: string, name: string): PullRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(recordPath(home, name), 'utf8')) as PullRecord;
    const times = [Date.parse(record.pulledAt), Date.parse(record.fullAt)];
    return record.version === 1 && times.every(Number.isFinite) && Array.isArray(record.revisions) ? record : undefined;
  } catch {
    return undefined;
  }
}

export function writePullRecord(home: string, name: string, record: PullRecord): void {
  replaceFile(recordPath(home, name), `${JSON.stringify(record)}\n`);
}

/** What is stored under the name comes from elsewhere now. */
export function dropPullRecord(home: string, name: string): void {
  rmSync(recordPath(home, name), { force: true });
}

/** Refuses a name under which something else is found first, or would be hidden. */
export function requireFreeName(home: string, name: string, other: string): void {
  if (!existsSync(other)) return;
  throw new FxError('DATA.NAME_TAKEN', {
    message: `${other} is stored under the name ${name} already`,
    next: 'choose another name: --as NAME',
    facts: { name, home },
  });
}

function recordPath(home: string, name: string): string {
  return join(storedFolder(home), `${name}.pull.json`);
}

/** What a pull that is not complete has so far. */
export interface PullDesk {
  readonly pages: PageStore;
  /** Pages of an earlier try that this one goes on with. */
  readonly resumed: number;
  /** The pull is complete: its pages are not needed any more. */
  clear(): void;
  release(): void;
}

/** Takes the desk of a name: two pulls of one name at once would overwrite each other. Pages of another request are dropped. */
export async function openPullDesk(home: string, name: string, request: unknown, now: EpochMs): Promise<PullDesk> {
  const folder = join(storedFolder(home), 'cache', 'pull', name);
  const lock = await acquireLock(folder);
  const mark = createHash('sha256').update(JSON.stringify(request)).digest('hex').slice(0, 12);
  const ending = `.${mark}.page`;
  const keep = (file: string): boolean => file.endsWith(ending) && fresh(join(folder, file), now);
  let resumed = 0;
  for (const file of readdirSync(folder)) {
    if (!file.endsWith('.page')) continue;
    if (keep(file)) resumed++;
    else rmSync(join(folder, file), { force: true });
  }
  const pathOf = (page: string): string => join(folder, `${page.replace(/[^A-Za-z0-9-]/g, '_')}${ending}`);
  return {
    resumed,
    pages: {
      read(page) {
        const path = pathOf(page);
        if (!existsSync(path)) return undefined;
        const text = readFileSync(path, 'utf8');
        return text.slice(text.indexOf('\n') + 1);
      },
      write(page, body) {
        ensureDir(folder);
        replaceFile(pathOf(page), `${new Date(now).toISOString()}\n${body}`);
      },
    },
    clear() {
      for (const file of readdirSync(folder)) {
        if (file.endsWith('.page')) rmSync(join(folder, file), { force: true });
      }
    },
    release: () => lock.release(),
  };
}

/** Pages of more than a day ago would be mixed with today's. */
function fresh(path: string, now: EpochMs): boolean {
  const [first = ''] = readFileSync(path, 'utf8').split('\n', 1);
  const written = Date.parse(first);
  return Number.isFinite(written) && Math.abs(now - written) < DAY_MS;
}
