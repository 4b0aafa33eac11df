import { createHash } from 'node:crypto';
import { FxError } from '../../core/base/errors.js';
import type { Instrument } from '../../core/model/instrument.js';
import type { BarSource } from '../../core/ports/feed.js';
import { type ColumnFile, DamagedBlock, openColumnFile } from '../../feeds/cache/cached-source.js';
import { type OpenedSeries, openSeries, type SeriesOptions } from '../../feeds/csv/series.js';
import { isStoredPrices } from './names.js';

interface Kept extends ColumnFile {
  readonly path: string;
}

/** Opens files of prices, stored column files among them: `openSeries` for both. */
export async function openPrices(paths: readonly string[], options: SeriesOptions): Promise<OpenedSeries> {
  const kept: Kept[] = [];
  for (const path of paths.filter(isStoredPrices)) kept.push(await openKept(path));
  if (kept.length === 0) return openSeries(paths, options);
  const files = paths.filter((path) => !isStoredPrices(path));
  const named = options.instruments.filter((one) => !kept.some(({ source }) => source.info.instrument === one.id));
  const found = options.instruments.length === 0 ? kept.map((one) => instrumentOfKept(one, options)) : [];
  const [other] = named;
  if (other !== undefined && files.length === 0) throw notStored(other, kept);
  const readsFiles = files.length > 0 && (named.length > 0 || options.instruments.length === 0);
  const rest = readsFiles ? await openSeries(files, { ...options, instruments: named }) : undefined;
  const instruments = options.instruments.length > 0 ? options.instruments : [...found, ...(rest?.instruments ?? [])];
  const sourceOf = (instrument: Instrument): BarSource => {
    const own = kept.find(({ source }) => source.info.instrument === instrument.id);
    if (own !== undefined) return whole(own);
    const at = rest?.instruments.findIndex((one) => one.id === instrument.id) ?? -1;
    const source = rest?.sources[at];
    if (source === undefined) throw notStored(instrument, kept);
    return source;
  };
  return {
    instruments,
    sources: instruments.map(sourceOf),
    notes: [...kept.map(describe), ...(rest?.notes ?? [])],
    warnings: () => rest?.warnings() ?? [],
    async hash() {
      const digests = kept.map(({ trailer }) => String(trailer.extra['sha256'] ?? trailer.key));
      if (rest !== undefined) digests.push(await rest.hash());
      const [only = ''] = digests;
      return digests.length === 1 ? only : createHash('sha256').update(digests.join('\n')).digest('hex');
    },
  };
}

/** A stored file, checked at its ends. */
export async function openKept(path: string): Promise<Kept> {
  const file = await openColumnFile(path);
  if (file === undefined) throw damaged(path);
  return { ...file, path };
}

/** Its bars; damage met half-way is told by name, since nothing is there to read instead. */
export function whole({ path, source }: Pick<Kept, 'path' | 'source'>): BarSource {
  return {
    info: source.info,
    async *chunks(signal) {
      try {
        yield* source.chunks(signal);
      } catch (error) {
        throw error instanceof DamagedBlock ? damaged(path) : error;
      }
    },
  };
}

function describe({ path, trailer }: Kept): string {
  const { instrument, side, timeframeMs } = trailer.info;
  const sides = side === 'both' ? 'bid and ask' : side;
  return `${path}: stored, ${instrument}, bars of ${timeframeMs / 60_000} min, ${sides}, ${trailer.rows} rows`;
}

function instrumentOfKept({ path, source }: Kept, options: SeriesOptions): Instrument {
  const { instrument } = source.info;
  const known = options.lookup?.(instrument);
  if (known !== undefined) return known;
  throw new FxError('DATA.UNKNOWN_INSTRUMENT', {
    message: `${path}: holds ${instrument}, which is not in the built-in table`,
    next: `describe it in the settings: --set instruments.${instrument}.tick=0.01`,
    facts: { file: path, instrument },
  });
}

function notStored(instrument: Instrument, kept: readonly Kept[]): FxError {
  const held = kept.map(({ source }) => source.info.instrument);
  return new FxError('DATA.SYMBOL', {
    message: `the stored data has no ${instrument.id} (it has ${held.join(', ')})`,
    next: `name data of ${instrument.id} too, or leave it out of --instruments; fxtrade data list shows what is stored`,
    facts: { instrument: instrument.id, stored: held },
  });
}

function damaged(path: string): FxError {
  return new FxError('DATA.DAMAGED', {
    message: `${path}: this stored data is damaged or cut short`,
    next: 'import it again: fxtrade data import PATH --as NAME',
    facts: { file: path },
  });
}
