import { readdirSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { BarSource } from '../../../core/ports/feed.js';
import { type StagedFile, stageChunks } from '../../../core/state/write-chunks.js';
import { cachedSource, cacheKey, openColumnFile } from '../../../feeds/cache/cached-source.js';
import type { OpenedSeries } from '../../../feeds/csv/series.js';
import { isStoredPrices, storedFolder } from '../../stored/names.js';

/** Smaller files are parsed faster than it is worth to keep them twice. */
const SMALLEST_BYTES = 1024 * 1024;
/**
 * A run with `--to` reads files up to this size to their end, so that the next run need not parse them: a second of work.
 * Larger ones are cut where the run ends, and are kept by the first run that needs them whole.
 */
const READ_ON_BYTES = 256 * 1024 * 1024;
/** All cached columns together; above it the oldest go. */
const LIMIT_BYTES = 2 * 1024 * 1024 * 1024;

/** What a run does with the columns it read. */
export interface SessionCache {
  /** From now on what is read is written too, beside its place. */
  store(): void;
  /** The source of this place is being written, and is small enough to be read to its end by a run that needs less of it. */
  readsOn(place: number): boolean;
  /** The run was good: what was written takes its place. */
  keep(): void;
  /** The run failed: nothing is left. */
  drop(): void;
}

export const noCache: SessionCache = {
  store: () => undefined,
  readsOn: () => false,
  keep: () => undefined,
  drop: () => undefined,
};

interface Cached {
  readonly sources: readonly BarSource[];
  readonly cache: SessionCache;
  warnings(): readonly string[];
  hash(): Promise<string>;
}

/**
 * The sources of parsed files, kept as columns in `<home>/data/cache` under the key of files and options: a later run on
 * the same files takes bars, hash and warnings from there and does not read the text again. It never fails a run.
 */
export async function withCache(
  home: string,
  paths: readonly string[],
  options: object,
  opened: OpenedSeries,
): Promise<Cached> {
  const plain = { ...opened, warnings: () => opened.warnings(), hash: () => opened.hash(), cache: noCache };
  if (paths.some(isStoredPrices) || sizeOf(paths) < SMALLEST_BYTES) return plain;
  const folder = join(storedFolder(home), 'cache');
  const isShort = sizeOf(paths) <= READ_ON_BYTES;
  const known: boolean[] = [];
  const staged: StagedFile[] = [];
  let storing = false;
  const digests: string[] = [];
  const warned: (readonly string[] | undefined)[] = [];
  const sources: BarSource[] = [];
  for (const [index, source] of opened.sources.entries()) {
    const instrument = opened.instruments[index];
    const key = await cacheKey(paths, [options, source.info, instrument?.assetClass ?? null]);
    if (key === undefined) return plain;
    const path = join(folder, `${key.slice(0, 32)}.fxc`);
    const kept = await openColumnFile(path, key);
    known.push(kept !== undefined);
    const { sha256, warnings } = kept?.trailer.extra ?? {};
    if (typeof sha256 === 'string') digests.push(sha256);
    warned.push(Array.isArray(warnings) ? (warnings as readonly string[]) : undefined);
    const cached = cachedSource(source, {
      path,
      key,
      write: async (to, chunks) => {
        if (!storing) throw new Error('this reading is not kept');
        staged.push(await stageChunks(to, chunks, { durable: false }));
      },
      extra: async () => ({ sha256: await opened.hash(), warnings: opened.warnings(index) }),
    });
    sources.push({
      info: source.info,
      chunks: (signal) => (storing || kept !== undefined ? cached : source).chunks(signal),
    });
  }
  const [digest] = digests;
  return {
    sources,
    warnings: () => warned.flatMap((texts, index) => texts ?? opened.warnings(index)),
    hash: async () => digest ?? opened.hash(),
    cache: {
      store() {
        storing = true;
      },
      readsOn: (place) => storing && isShort && known[place] === false,
      keep() {
        for (const file of staged.splice(0)) quietly(() => file.commit());
        quietly(() => removeOldest(folder));
      },
      drop() {
        for (const file of staged.splice(0)) file.drop();
      },
    },
  };
}

function sizeOf(paths: readonly string[]): number {
  try {
    return paths.reduce((sum, path) => sum + statSync(path).size, 0);
  } catch {
    return 0;
  }
}

/** Oldest first until the rest fits. */
function removeOldest(folder: string): void {
  const files = readdirSync(folder)
    .map((name) => ({ path: join(folder, name), ...sizeAndTime(join(folder, name)) }))
    .sort((a, b) => a.time - b.time);
  let total = files.reduce((sum, file) => sum + file.size, 0);
  for (const { path, size } of files) {
    if (total <= LIMIT_BYTES) return;
    unlinkSync(path);
    total -= size;
  }
}

function sizeAndTime(path: string): { size: number; time: number } {
  const { size, mtimeMs } = statSync(path);
  return { size, time: mtimeMs };
}

/** A cache that cannot be kept costs the next run its time, nothing else. */
function quietly(act: () => void): void {
  try {
    act();
  } catch {
    return;
  }
}
