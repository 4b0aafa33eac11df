import { isOpen } from '../../core/model/calendar/sessions.js';
import { type EpochMs, instrumentId } from '../../core/model/ids.js';
import type { AssetClass, Instrument } from '../../core/model/instrument.js';
import type { BarColumns } from '../../core/model/market.js';
import type { BarSource } from '../../core/ports/feed.js';
import { type RowProblem, rowError } from './bar-builder.js';
import type { CloseOfDate, Overrides } from './layout.js';
import { fileSource, isShort, noTimeframe, openFile, type SeriesFile, SHORTEST, settle, type Tally } from './series.js';
import { joinSides, type Unpaired } from './sides.js';
import { bareSymbol, instrumentsOf } from './symbols.js';

const LISTED = 20;
const DAY = 86_400_000;
/** Steps tried inside one gap to count its bars; a longer gap is counted by its length. */
const STEPS_MAX = 2_000_000;

export interface CheckOptions extends Overrides {
  /** What the file holds; absent: the symbol in it or in its name, found through `lookup`. */
  readonly instrument?: Instrument;
  readonly lookup?: (symbol: string) => Instrument | undefined;
  /** The file of asks that belongs to a file of bids: checked and imported as one two-sided series. */
  readonly askPath?: string;
  readonly closeOfDate: CloseOfDate;
  /** Was the market open in the bar that closes at `ts`? Default: `core/model/sessions`. */
  readonly isOpen?: (ts: EpochMs, assetClass: AssetClass, timeframeMs: number) => boolean;
}

export interface BadRow {
  /** In its file; 0 for a row of a pair of files, which `text` names by time. */
  readonly line: number;
  readonly code: string;
  readonly reason: string;
  /** The row, cut to 80 characters. */
  readonly text: string;
}

/** Bars that are not there although the market was open. */
export interface Gap {
  /** Close of the bar before and of the bar after the hole. */
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly missingBars: number;
}

/** What a lenient reading of one file found. Nothing is dropped without a count here. */
export interface CheckReport {
  readonly file: string;
  readonly instrument: string;
  /** What the file was recognised as. */
  readonly format: string;
  readonly timeframeMs: number;
  readonly side: 'mid' | 'bid' | 'both';
  /** Rows of data in the file: kept + bad + out of order + duplicates + missing + of other symbols. */
  rows: number;
  rowsKept: number;
  /** Close of the first and last bar kept. */
  span: { from: EpochMs; to: EpochMs } | undefined;
  /** The first 20, and how many in all with how many bars. */
  readonly gaps: Gap[];
  gapCount: number;
  missingBars: number;
  /** Rows with the time of the row before: equal ones and, listed as bad rows, conflicting ones. */
  duplicates: number;
  outOfOrder: number;
  /** `N/A` and empty cells of formats that have them. */
  missingValues: number;
  foreignRows: number;
  /** Of a pair of files: rows whose time the other side lacks, left out. */
  unpaired: number;
  /** The first 20 rows that were left out, and how many in all. */
  readonly badRows: BadRow[];
  badRowCount: number;
}

/** A lenient reading: walk `bars` to its end, then `report` is complete. */
export interface ImportedFile {
  readonly instrument: Instrument;
  readonly report: CheckReport;
  /** Symbols of the rows that are of others: known when the bars were walked to their end. */
  others(): ReadonlySet<string>;
  /** The bars that are kept; bad rows are left out and reported. May be walked again: the report starts anew. */
  readonly bars: BarSource;
}

/**
 * Opens one file for import or check: unlike a run, a bad row does not stop it but is counted, the first 20 with line
 * and reason. Of rows out of order the ones that go back in time are left out; of two rows with one time the first
 * stays. Memory does not grow with the file (but for newest-first files).
 */
export async function importFile(path: string, options: CheckOptions): Promise<ImportedFile> {
  const file = await openFile(path, options);
  const [found] = options.instrument === undefined ? namedBy(file, options) : [];
  const instrument = options.instrument ?? found;
  if (instrument === undefined) throw new TypeError('instrumentsOf throws when it finds none');
  const short = isShort(file, options);
  const settled = settle(file, instrument, short ? { ...options, timeframeMs: SHORTEST } : options);
  const report = newReport(path, instrument, {
    ...settled.layout,
    ...(options.askPath === undefined ? {} : { side: 'both' }),
  });
  const tally: Tally = { rows: 0, lines: 0, duplicates: 0, missing: 0, foreign: 0 };
  let first: RowProblem | undefined;
  const bad = (problem: RowProblem): void => {
    first ??= problem;
    note(report, problem);
  };
  const own = fileSource(settled, instrument, options, tally, bad);
  const pair =
    options.askPath === undefined ? undefined : await pairOf(own, path, options.askPath, instrument, options, bad);
  const source = pair?.source ?? own;
  const wasOpen = options.isOpen ?? usualHours();
  return {
    instrument,
    report,
    others: () => tally.others ?? new Set(),
    bars: {
      info: source.info,
      async *chunks(signal) {
        restart(report);
        const gaps = new GapFinder(report, instrument.assetClass, wasOpen);
        for await (const chunk of source.chunks(signal)) {
          gaps.walk(chunk);
          report.rowsKept += chunk.length;
          yield chunk;
        }
        report.rows = tally.lines;
        report.duplicates += tally.duplicates;
        report.missingValues = tally.missing;
        report.foreignRows = tally.foreign;
        report.unpaired = pair === undefined ? 0 : pair.unpaired.bid + pair.unpaired.ask;
        // Bars of a length that nobody knows are of no use; what is wrong with the rows is told before that.
        if (short && first === undefined) throw noTimeframe(file);
        if (short && first !== undefined && report.rowsKept > 0) throw rowError(first);
      },
    },
  };
}

/** Bars that come from elsewhere than a file, with the report of a file: complete when they were walked to their end. */
export function inspectBars(
  bars: BarSource,
  instrument: Instrument,
  from: { readonly file: string; readonly format: string },
): ImportedFile {
  const { side, timeframeMs } = bars.info;
  const report = newReport(from.file, instrument, { format: from.format, timeframeMs, side });
  return {
    instrument,
    report,
    others: () => new Set(),
    bars: {
      info: bars.info,
      async *chunks(signal) {
        restart(report);
        const gaps = new GapFinder(report, instrument.assetClass, usualHours());
        for await (const chunk of bars.chunks(signal)) {
          gaps.walk(chunk);
          report.rowsKept += chunk.length;
          report.rows += chunk.length;
          yield chunk;
        }
      },
    },
  };
}

/** Reads a whole file leniently and keeps nothing: `data check`. */
export async function checkFile(path: string, options: CheckOptions, signal: AbortSignal): Promise<CheckReport> {
  const { bars, report } = await importFile(path, options);
  for await (const _ of bars.chunks(signal));
  return report;
}

/** True for a file that may hold more than one series: a column for each currency, or one that names the instrument. */
export async function mayHoldMany(path: string, options: CheckOptions): Promise<boolean> {
  const { layout } = await openFile(path, options);
  return layout.currencies !== undefined || layout.symbols.length > 0;
}

/**
 * Reads every series of a file as `checkFile` reads one: each currency of a table against the euro, each symbol of a
 * symbol column, also one that comes late. A symbol that is in no table is read as it stands.
 */
export async function checkSeries(path: string, options: CheckOptions, signal: AbortSignal): Promise<CheckReport[]> {
  const queue =
    options.instrument === undefined ? seriesOf(await openFile(path, options), options) : [options.instrument];
  const seen = new Set(queue.map(({ id }) => bareSymbol(id)));
  const reports: CheckReport[] = [];
  for (const instrument of queue) {
    const { bars, report, others } = await importFile(path, { ...options, instrument });
    for await (const _ of bars.chunks(signal));
    reports.push(report);
    if (options.instrument !== undefined) break;
    for (const symbol of others()) {
      if (symbol === '' || seen.has(symbol)) continue;
      seen.add(symbol);
      queue.push(options.lookup?.(symbol) ?? standIn(symbol, 'other'));
    }
  }
  return reports;
}

function seriesOf(file: SeriesFile, options: CheckOptions): Instrument[] {
  const { currencies, symbols } = file.layout;
  if (currencies !== undefined) {
    const ids = [...currencies.keys()].map((code) => `EUR/${code}`);
    return ids.map((id) => options.lookup?.(id) ?? standIn(id, 'fx'));
  }
  const [first] = namedBy(file, options);
  const all = symbols.filter((symbol) => bareSymbol(symbol) !== '');
  const found = all.map((symbol) => options.lookup?.(symbol) ?? standIn(symbol, 'other'));
  return symbols.length === 0 && first !== undefined
    ? [first]
    : [...new Map(found.map((one) => [one.id, one])).values()];
}

/** What the file says that it holds; DATA.SYMBOL when it says nothing that is known. */
function namedBy(file: SeriesFile, options: CheckOptions): Instrument[] {
  return instrumentsOf([file], options.lookup ?? (() => undefined), '--instrument');
}

/** What nobody knows is read for its rows: only name, currencies and class matter for that. */
function standIn(symbol: string, assetClass: AssetClass): Instrument {
  const [base = symbol, quote = symbol] = symbol.split('/');
  const grid = {
    tick: 1e-5,
    pip: 1e-4,
    lotStep: 1,
    minUnits: 1,
    marginRate: 1,
    typicalSpread: 0,
    hours: 'data',
  } as const;
  return { id: instrumentId(symbol), assetClass, base, quote, ...grid };
}

/** Bids joined with their asks; a crossed row is bad, its line is not known any more. */
async function pairOf(
  bids: BarSource,
  bid: string,
  ask: string,
  instrument: Instrument,
  options: CheckOptions,
  bad: (problem: RowProblem) => void,
): Promise<{ readonly source: BarSource; readonly unpaired: Unpaired }> {
  const unpaired: Unpaired = { bid: 0, ask: 0 };
  const tally: Tally = { rows: 0, lines: 0, duplicates: 0, missing: 0, foreign: 0 };
  const file = settle(await openFile(ask, options), instrument, options);
  const asks = fileSource(file, instrument, options, tally, bad);
  const source = joinSides(bids, asks, { bid, ask }, unpaired, (ts, reason) => {
    const text = new Date(ts).toISOString();
    bad({ code: 'DATA.CROSSED', file: bid, line: 0, column: 'bid', value: reason, text, reason });
  });
  return { source, unpaired };
}

function newReport(
  file: string,
  instrument: Instrument,
  layout: { format: string; timeframeMs?: number; side: CheckReport['side'] },
): CheckReport {
  return {
    file,
    instrument: instrument.id,
    format: layout.format,
    timeframeMs: layout.timeframeMs ?? 0,
    side: layout.side,
    rows: 0,
    rowsKept: 0,
    span: undefined,
    gaps: [],
    gapCount: 0,
    missingBars: 0,
    duplicates: 0,
    outOfOrder: 0,
    missingValues: 0,
    foreignRows: 0,
    unpaired: 0,
    badRows: [],
    badRowCount: 0,
  };
}

function restart(report: CheckReport): void {
  report.rows = 0;
  report.rowsKept = 0;
  report.span = undefined;
  report.gaps.length = 0;
  report.gapCount = 0;
  report.missingBars = 0;
  report.duplicates = 0;
  report.outOfOrder = 0;
  report.unpaired = 0;
  report.badRows.length = 0;
  report.badRowCount = 0;
}

function note(report: CheckReport, problem: RowProblem): void {
  if (problem.code === 'DATA.UNSORTED') report.outOfOrder++;
  else if (problem.code === 'DATA.DUPLICATE') report.duplicates++;
  report.badRowCount++;
  if (report.badRows.length >= LISTED) return;
  const { line, code, reason, text } = problem;
  report.badRows.push({ line, code, reason: `column ${problem.column}: ${reason}`, text });
}

/** Looks for bars that are not there, from chunk to chunk. */
class GapFinder {
  private last = Number.NaN;

  constructor(
    private readonly report: CheckReport,
    private readonly assetClass: AssetClass,
    private readonly wasOpen: NonNullable<CheckOptions['isOpen']>,
  ) {}

  walk(chunk: BarColumns): void {
    const { report } = this;
    const { timeframeMs } = report;
    const { ts, length } = chunk;
    // A day's bars may end an hour sooner or later when the clock changes.
    const usual = timeframeMs >= DAY ? timeframeMs + 3_600_000 : timeframeMs;
    for (let i = 0; i < length; i++) {
      const now = ts[i] ?? Number.NaN;
      if (timeframeMs > 0 && now - this.last > usual) this.measure(this.last, now);
      this.last = now;
    }
    const first = report.span?.from ?? ts[0] ?? Number.NaN;
    report.span = { from: first, to: this.last };
  }

  private measure(from: EpochMs, to: EpochMs): void {
    const { report, assetClass } = this;
    const { timeframeMs } = report;
    const steps = Math.round((to - from) / timeframeMs);
    let missingBars = 0;
    if (steps > STEPS_MAX) missingBars = steps - 1;
    else
      for (let k = 1; k < steps; k++) if (this.wasOpen(from + k * timeframeMs, assetClass, timeframeMs)) missingBars++;
    if (missingBars === 0) return;
    report.gapCount++;
    report.missingBars += missingBars;
    if (report.gaps.length < LISTED) report.gaps.push({ from, to, missingBars });
  }
}

/** The session calendar: FX week, stock days with their holidays, else always. A day's bar is asked for by its date. */
function usualHours(): NonNullable<CheckOptions['isOpen']> {
  return (ts, assetClass, timeframeMs) => {
    if (assetClass !== 'fx' && assetClass !== 'stock') return true;
    const hours = assetClass === 'fx' ? 'fx' : 'us-stock';
    if (timeframeMs < DAY) return isOpen(hours, ts - 1);
    const noon = Math.floor((ts - 1) / DAY) * DAY + 17 * 3_600_000;
    return isOpen(hours, noon);
  };
}
