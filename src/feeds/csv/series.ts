import { createHash } from 'node:crypto';
import { FxError } from '../../core/base/errors.js';
import type { Instrument } from '../../core/model/instrument.js';
import type { BarColumns, CorporateAction, PriceColumns, SeriesInfo } from '../../core/model/market.js';
import type { BarSource } from '../../core/ports/feed.js';
import type { RowAction, RowProblem } from './bar-builder.js';
import { type FileBytes, openBytes } from './bytes.js';
import { dukascopyCsv } from './dukascopy.js';
import { type CloseOfDate, type Layout, type Overrides, Role, SIMULATED_TIME } from './layout.js';
import { recognize } from './recognize.js';
import { RowReader } from './rows.js';
import { joinSides, type Unpaired } from './sides.js';
import { assignFiles, bareSymbol, instrumentsOf, refusePoints } from './symbols.js';

const DAY = 86_400_000;
/** A newest-first file is turned round in memory; above this it must be sorted first. */
const TURN_LIMIT_BYTES = 256 * 1024 * 1024;
/** A bar's length where a file is read for its errors only. */
export const SHORTEST = 60_000;
const NOTHING = new Uint8Array(0);

export interface SeriesOptions extends Overrides {
  /** What `--instruments` names, in order; empty: the files' own symbols, found through `lookup`. */
  readonly instruments: readonly Instrument[];
  /** The instrument of `EUR/USD`, `AAPL`, `BTC/USDT`; undefined when there is none. */
  readonly lookup?: (symbol: string) => Instrument | undefined;
  readonly closeOfDate: CloseOfDate;
}

/** Files opened as series, one for each instrument. */
export interface OpenedSeries {
  readonly instruments: readonly Instrument[];
  /** In the order of `instruments`. */
  readonly sources: readonly BarSource[];
  /** What each file was recognised as: a line a file. */
  readonly notes: readonly string[];
  /** What the last whole reading left out: equal rows, missing values, times of one side only; of one source, or of all. */
  warnings(source?: number): readonly string[];
  /** Sha256 (hex) of the file; of several files, of their digests in the order given. */
  hash(): Promise<string>;
}

/** A recognised file. */
export interface SeriesFile {
  readonly path: string;
  readonly name: string;
  readonly bytes: FileBytes;
  readonly layout: Layout;
}

/** Counts of the last reading of one file for one instrument. */
export interface Tally {
  rows: number;
  lines: number;
  duplicates: number;
  missing: number;
  foreign: number;
  /** Symbols of the foreign rows. */
  others?: ReadonlySet<string>;
}

/** Opens files of prices, tells their formats and gives each instrument its source. Reads only their first rows. */
export async function openSeries(paths: readonly string[], options: SeriesOptions): Promise<OpenedSeries> {
  const files: SeriesFile[] = [];
  for (const path of paths) files.push(await openFile(path, options));
  const lookup = options.lookup ?? (() => undefined);
  const instruments = options.instruments.length > 0 ? options.instruments : instrumentsOf(files, lookup);
  const owned = assignFiles(files, instruments);
  const notes: string[] = [];
  const warnOf: (() => string[])[][] = [];
  const sources: BarSource[] = [];
  for (const instrument of instruments) {
    const warn: (() => string[])[] = [];
    warnOf.push(warn);
    const given = owned.get(instrument) ?? [];
    for (const file of given) if (isShort(file, options)) await refuseShort(file, instrument, options);
    const mine = given.map((file) => settle(file, instrument, options));
    for (const file of mine) notes.push(describe(file, instrument));
    sources.push(instrumentSource(mine, instrument, options, warn));
  }
  return {
    instruments,
    sources,
    notes,
    warnings: (source) => (source === undefined ? warnOf.flat() : (warnOf[source] ?? [])).flatMap((make) => make()),
    async hash() {
      const digests: string[] = [];
      for (const file of files) digests.push(await file.bytes.sha256());
      const [only = ''] = digests;
      return digests.length === 1 ? only : createHash('sha256').update(digests.join('\n')).digest('hex');
    },
  };
}

/** Opens one file and tells its format. */
export async function openFile(path: string, overrides: Overrides): Promise<SeriesFile> {
  let bytes = await openBytes(path);
  let sample = (await bytes.sample()).bytes;
  if (sample[0] === 0x7b) {
    const text = Buffer.from(dukascopyCsv(await wholeText(bytes), path));
    const packed = bytes;
    bytes = { ...packed, sha256: () => packed.sha256(), blocks: () => oneBlock(text) };
    sample = text.subarray(0, text.lastIndexOf(0x0a, 64 * 1024) + 1);
    if (sample.indexOf(0x0a) === sample.length - 1) throw noRows(path);
    const layout = recognize({ path, name: bytes.name, bytes: sample }, { ...overrides, format: 'dukascopy' });
    return { path, name: bytes.name, bytes, layout };
  }
  return { path, name: bytes.name, bytes, layout: recognize({ path, name: bytes.name, bytes: sample }, overrides) };
}

async function* oneBlock(text: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield text;
}

async function wholeText(bytes: FileBytes): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const block of bytes.blocks()) {
    size += block.length;
    if (size > TURN_LIMIT_BYTES) throw tooLarge(bytes.path, 'json');
    parts.push(Buffer.from(block));
  }
  return Buffer.concat(parts).toString('utf8');
}

/** The file's layout as it is for one instrument: Lean's units, a stock's midnight rows, the legs of a cross. */
export function settle(file: SeriesFile, instrument: Instrument, overrides: Overrides): SeriesFile {
  let layout = instrument.assetClass === 'stock' ? forStock(file.layout, overrides) : file.layout;
  if (layout.side !== 'both' && nameSide(file) !== undefined) layout = { ...layout, side: 'bid' };
  if (layout.currencies !== undefined) layout = withLegs(layout, instrument);
  if (instrument.assetClass !== 'stock') refusePoints({ ...file, layout }, instrument);
  layout = { ...layout, timeframeMs: layout.timeframeMs ?? overrides.timeframeMs ?? DAY };
  return { ...file, layout };
}

/** True for a file whose rows are too few to show how long a bar is, which nobody said either. */
export function isShort({ layout }: SeriesFile, { timeframeMs }: Overrides): boolean {
  return (layout.timeframeMs ?? timeframeMs) === undefined && !layout.dateOnly && layout.firstTime !== undefined;
}

/** A bad row is told before that there are too few: read for its sake alone, any length of a bar will do. */
async function refuseShort(file: SeriesFile, instrument: Instrument, options: SeriesOptions): Promise<never> {
  const tally: Tally = { rows: 0, lines: 0, duplicates: 0, missing: 0, foreign: 0 };
  const guess = settle(file, instrument, { ...options, timeframeMs: SHORTEST });
  for await (const _ of fileSource(guess, instrument, options, tally).chunks(new AbortController().signal));
  throw noTimeframe(file);
}

/** Lean counts stocks in ten-thousandths on New York's clock; a row at midnight of a daily file is a date. */
function forStock(given: Layout, overrides: Overrides): Layout {
  let layout = given;
  if (layout.format === 'lean' && layout.kind === 'bar') {
    const zone = overrides.timeZone ?? 'America/New_York';
    layout = { ...layout, zone, scale: overrides.priceScale ?? 10_000 };
  }
  const midnight = layout.firstTime !== undefined && layout.firstTime % DAY === 0;
  return midnight && (layout.timeframeMs ?? 0) >= DAY ? { ...layout, dateOnly: true } : layout;
}

/** `bid` or `ask` as a word of the file's name. */
function nameSide(file: SeriesFile): string | undefined {
  return /(?<![a-z])(bid|ask)(?![a-z])/i.exec(file.name)?.[1]?.toLowerCase();
}

function withLegs(layout: Layout, instrument: Instrument): Layout {
  const roles = [...layout.roles];
  const base = layout.currencies?.get(instrument.base);
  const quote = layout.currencies?.get(instrument.quote);
  if (base !== undefined) roles[base] = Role.legOfBase;
  if (quote !== undefined) roles[quote] = Role.legOfQuote;
  return { ...layout, roles };
}

/** All files of one instrument as one source: bids joined with asks, then one after the other by time. */
function instrumentSource(
  files: readonly SeriesFile[],
  instrument: Instrument,
  options: SeriesOptions,
  warn: (() => string[])[],
): BarSource {
  const sideOf = (file: SeriesFile): string | undefined => (file.layout.side === 'both' ? undefined : nameSide(file));
  const asks = new Map(files.filter((file) => sideOf(file) === 'ask').map((file) => [pairKey(file), file]));
  const open = (file: SeriesFile): BarSource => {
    const tally: Tally = { rows: 0, lines: 0, duplicates: 0, missing: 0, foreign: 0 };
    warn.push(() => tallyWarnings(file, instrument, tally));
    return fileSource(file, instrument, options, tally);
  };
  const parts: Part[] = [];
  for (const file of files) {
    if (sideOf(file) === 'ask') continue;
    const ask = sideOf(file) === 'bid' ? asks.get(pairKey(file)) : undefined;
    const source = ask === undefined ? open(file) : joined(file, ask, open, warn);
    if (ask !== undefined) asks.delete(pairKey(ask));
    parts.push({ source, firstTime: file.layout.firstTime ?? 0, path: file.path });
  }
  for (const file of asks.values()) throw askAlone(file);
  return chain(parts.sort((a, b) => a.firstTime - b.firstTime));
}

interface Part {
  readonly source: BarSource;
  readonly firstTime: number;
  readonly path: string;
}

function joined(
  bid: SeriesFile,
  ask: SeriesFile,
  open: (file: SeriesFile) => BarSource,
  warn: (() => string[])[],
): BarSource {
  const unpaired: Unpaired = { bid: 0, ask: 0 };
  warn.push(() => unpairedWarnings(bid, ask, unpaired));
  return joinSides(open(bid), open(ask), { bid: bid.path, ask: ask.path }, unpaired);
}

function pairKey(file: SeriesFile): string {
  return file.name.toLowerCase().replace(/(?<![a-z])(bid|ask)(?![a-z])/, '*');
}

function chain(parts: readonly Part[]): BarSource {
  const [first] = parts;
  if (first === undefined)
    throw new FxError('DATA.EMPTY', { message: 'no file was given', next: 'name one with --data' });
  if (parts.length === 1) return first.source;
  const info = { ...first.source.info, simulated: parts.some(({ source }) => source.info.simulated) };
  for (const { source, path } of parts) {
    if (source.info.timeframeMs === info.timeframeMs && source.info.side === info.side) continue;
    throw new FxError('DATA.TIMEFRAME', {
      message: `${path}: files of ${info.instrument} differ in timeframe or side from ${first.path}`,
      next: 'give files of one kind for each instrument',
      facts: { file: path, instrument: info.instrument },
    });
  }
  return {
    info,
    async *chunks(signal) {
      let last = Number.NEGATIVE_INFINITY;
      for (const { source, path } of parts) {
        let start = true;
        for await (const chunk of source.chunks(signal)) {
          if (start && (chunk.ts[0] ?? Number.NaN) <= last) throw overlap(path, info, chunk.ts[0] ?? 0);
          start = false;
          last = chunk.ts[chunk.length - 1] ?? last;
          yield chunk;
        }
      }
    },
  };
}

/** One file as the bars of one instrument. */
export function fileSource(
  file: SeriesFile,
  instrument: Instrument,
  options: Pick<SeriesOptions, 'closeOfDate'>,
  tally: Tally,
  onBad?: (problem: RowProblem) => void,
): BarSource {
  const { layout } = file;
  const info: SeriesInfo = {
    instrument: instrument.id,
    side: layout.side,
    timeframeMs: layout.timeframeMs ?? 0,
    simulated: layout.names.includes(SIMULATED_TIME),
  };
  const open = (): RowReader =>
    new RowReader(layout, {
      file: file.path,
      assetClass: instrument.assetClass,
      closeOfDate: options.closeOfDate,
      ...(layout.symbols.length > 0 ? { symbol: bareSymbol(instrument.id) } : {}),
      ...(onBad === undefined ? {} : { onBad }),
    });
  const forward = async function* (signal: AbortSignal): AsyncGenerator<BarColumns, void, undefined> {
    const reader = open();
    tally.rows = 0;
    let read = 0;
    for await (const block of file.bytes.blocks()) {
      if (signal.aborted) return;
      read += block.length;
      if (layout.newestFirst && read > TURN_LIMIT_BYTES) throw tooLarge(file.path, 'newest-first');
      reader.feed(block, false);
      yield* drained(reader, instrument, tally);
    }
    reader.feed(NOTHING, true);
    yield* drained(reader, instrument, tally);
    tally.lines = reader.lines;
    tally.duplicates = reader.bars.duplicates;
    tally.missing = reader.missing;
    tally.foreign = reader.foreign;
    tally.others = reader.others;
    if (tally.rows === 0 && onBad === undefined) throw noRows(file.path, instrument);
  };
  return { info, chunks: layout.newestFirst ? (signal) => turned(forward(signal)) : forward };
}

/** What the bytes fed so far hold, a chunk at a time. */
function* drained(reader: RowReader, instrument: Instrument, tally: Tally): Generator<BarColumns, void, undefined> {
  const { ts, price, volume, bid, ask, actions } = reader.bars;
  const sides = bid === undefined || ask === undefined ? {} : { bid, ask };
  do {
    const length = reader.read();
    tally.rows += length;
    if (length > 0) yield { length, ts, price, volume, ...sides, ...actionsOf(actions, instrument) };
  } while (reader.hasMore);
}

function actionsOf(actions: readonly RowAction[], instrument: Instrument): { actions?: CorporateAction[] } {
  if (actions.length === 0) return {};
  return { actions: actions.map((action) => ({ ...action, instrument: instrument.id })) };
}

/** Newest-first chunks, kept and given oldest first. */
async function* turned(chunks: AsyncIterable<BarColumns>): AsyncGenerator<BarColumns, void, undefined> {
  const kept: BarColumns[] = [];
  const reversed = (column: Float64Array, length: number): Float64Array => column.slice(0, length).reverse();
  const side = (columns: PriceColumns, length: number): PriceColumns => ({
    open: reversed(columns.open, length),
    high: reversed(columns.high, length),
    low: reversed(columns.low, length),
    close: reversed(columns.close, length),
  });
  for await (const { length, ts, volume, price, bid, ask, actions } of chunks) {
    kept.push({
      length,
      ts: reversed(ts, length),
      volume: reversed(volume, length),
      price: side(price, length),
      ...(bid === undefined || ask === undefined ? {} : { bid: side(bid, length), ask: side(ask, length) }),
      ...(actions === undefined ? {} : { actions: actions.toReversed() }),
    });
  }
  for (let chunk = kept.pop(); chunk !== undefined; chunk = kept.pop()) yield chunk;
}

function describe(file: SeriesFile, instrument: Instrument): string {
  const { layout } = file;
  const kind = layout.kind === 'tick' ? 'ticks' : `bars of ${(layout.timeframeMs ?? 0) / 60_000} min`;
  const side = layout.side === 'both' ? 'bid and ask' : layout.side;
  const clock = layout.dateOnly ? "dates (the market's close)" : `${layout.zone}, stamped ${layout.label}`;
  const order = layout.newestFirst ? ', newest first' : '';
  const scale = layout.scale === 1 ? '' : `, ${layout.scale} points a unit`;
  const made = layout.names.includes(SIMULATED_TIME) ? ', simulated' : '';
  return `${file.path}: ${layout.format}${made}, ${instrument.id}, ${kind}, ${side}, ${clock}${order}${scale}`;
}

function tallyWarnings(file: SeriesFile, instrument: Instrument, tally: Tally): string[] {
  const warnings: string[] = [];
  if (tally.duplicates > 0) warnings.push(`${file.path}: ${tally.duplicates} repeated rows left out`);
  if (tally.missing > 0) warnings.push(`${file.path}: ${tally.missing} dates without a value of ${instrument.id}`);
  return warnings;
}

function unpairedWarnings(bid: SeriesFile, ask: SeriesFile, unpaired: Unpaired): string[] {
  if (unpaired.bid + unpaired.ask === 0) return [];
  return [`${bid.path}, ${ask.path}: ${unpaired.bid} bars without an ask and ${unpaired.ask} without a bid left out`];
}

function noRows(path: string, instrument?: Instrument): FxError {
  return new FxError('DATA.EMPTY', {
    message: `${path}: has no rows${instrument === undefined ? '' : ` with prices of ${instrument.id}`}`,
    next: 'fetch it again, or name another file',
    facts: { file: path, ...(instrument === undefined ? {} : { instrument: instrument.id }) },
  });
}

/** The rows are too few to show how long a bar is. */
export function noTimeframe(file: SeriesFile): FxError {
  return new FxError('DATA.TIMEFRAME', {
    message: `${file.path}: has too few rows to show how long a bar is`,
    next: 'say it with --timeframe 1m|5m|15m|1h|4h|1d',
    facts: { file: file.path },
  });
}

function askAlone(file: SeriesFile): FxError {
  return new FxError('DATA.COLUMN', {
    message: `${file.path}: holds asks, and there is no file of bids beside it`,
    next: 'give both files; their names must differ only in bid and ask',
    facts: { file: file.path },
  });
}

function overlap(path: string, info: SeriesInfo, ts: number): FxError {
  const time = new Date(ts).toISOString();
  return new FxError('DATA.UNSORTED', {
    message: `${path}: starts at ${time}, before the end of the file before it (${info.instrument})`,
    next: 'give files of one instrument that do not overlap',
    facts: { file: path, instrument: info.instrument, time },
  });
}

function tooLarge(path: string, what: string): FxError {
  return new FxError('DATA.UNSORTED', {
    message: `${path}: a ${what} file may have ${TURN_LIMIT_BYTES / 1024 / 1024} MiB of text, this one has more`,
    next: 'sort it oldest first: then any size is read',
    facts: { file: path, limitBytes: TURN_LIMIT_BYTES },
  });
}
