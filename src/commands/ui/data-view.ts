import { count, day, time } from './format.js';
import { drawPairs, drawTable } from './table.js';
import type { Terminal } from './terminal.js';

interface Stored {
  readonly name: string;
  readonly kind: string;
  readonly bytes: number;
  readonly holds: readonly string[];
  readonly rows: number | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly usable: boolean;
  readonly pulled: { readonly feed: string; readonly at: string } | null;
}

/** What is stored, a line each. */
export function drawStored(stored: readonly Stored[], terminal: Terminal): void {
  if (stored.length === 0) {
    terminal.out('nothing is stored; see: fxtrade data import --help');
    return;
  }
  drawTable(
    terminal,
    [
      { name: 'name', keep: true },
      { name: 'kind' },
      { name: 'holds' },
      { name: 'rows', align: 'right' },
      { name: 'from' },
      { name: 'to' },
      { name: 'bytes', align: 'right' },
      { name: 'pulled' },
    ],
    stored.map(({ name, kind, holds, rows, from, to, bytes, usable, pulled }) => [
      name,
      usable ? kind : `${kind}, damaged`,
      holds.length > 6 ? `${holds.slice(0, 5).join(', ')} and ${holds.length - 5} more` : holds.join(', '),
      count(rows),
      day(from),
      day(to),
      count(bytes),
      pulled === null ? '–' : `${day(pulled.at)}, ${pulled.feed}`,
    ]),
  );
}

interface Report {
  readonly file: string;
  readonly instrument: string;
  readonly format: string;
  readonly timeframeMs: number;
  readonly side: string;
  readonly rows: number;
  readonly rowsKept: number;
  readonly span: { readonly from: string; readonly to: string } | null;
  readonly gaps: readonly { readonly from: string; readonly to: string; readonly missingBars: number }[];
  readonly gapCount: number;
  readonly missingBars: number;
  readonly duplicates: number;
  readonly outOfOrder: number;
  readonly missingValues: number;
  readonly foreignRows: number;
  readonly unpaired: number;
  readonly badRows: readonly { readonly line: number; readonly reason: string; readonly text: string }[];
  readonly badRowCount: number;
  /** Of a file of many: each for itself; the rest of the report is their sum. */
  readonly series?: readonly Report[];
}

/** Everything that was found in a file of prices: nothing is dropped in silence. */
export function drawReport(report: Report, stored: string | null, terminal: Terminal): void {
  const { span } = report;
  drawPairs(terminal, [
    ['file', report.file],
    ['holds', `${holdsOf(report)}, ${report.format}, ${report.side}, bars of ${report.timeframeMs / 60_000} min`],
    ['rows', `${count(report.rows)}, kept ${count(report.rowsKept)}`],
    ['span', span === null ? 'none' : `${time(span.from)} to ${time(span.to)}`],
    ['gaps', `${count(report.gapCount)}, ${count(report.missingBars)} bars missing`],
    ['duplicates', count(report.duplicates)],
    ['out of order', count(report.outOfOrder)],
    ['bad rows', count(report.badRowCount)],
    ['missing values', count(report.missingValues)],
    ['other symbols', count(report.foreignRows)],
    ['one side only', count(report.unpaired)],
    ...(stored === null ? [] : ([['stored as', stored]] as const)),
  ]);
  if (report.series !== undefined) drawSeries(report.series, terminal);
  const { gaps, badRows } = report;
  if (report.series === undefined && gaps.length > 0) {
    terminal.out('');
    const rows = gaps.map(({ from, to, missingBars }) => [time(from), time(to), count(missingBars)]);
    drawTable(terminal, [{ name: 'gap from' }, { name: 'to' }, { name: 'bars missing', align: 'right' }], rows);
    more(terminal, report.gapCount - gaps.length, 'gaps');
  }
  if (badRows.length > 0) {
    terminal.out('');
    const rows = badRows.map(({ line, reason, text }) => [String(line), reason, text]);
    drawTable(terminal, [{ name: 'line', align: 'right' }, { name: 'why' }, { name: 'row' }], rows);
    more(terminal, report.badRowCount - badRows.length, 'bad rows');
  }
}

const holdsOf = ({ series, instrument }: Report): string =>
  series === undefined ? instrument : `${series.length} series`;

/** A line a series. */
function drawSeries(series: readonly Report[], terminal: Terminal): void {
  terminal.out('');
  drawTable(
    terminal,
    [
      { name: 'holds', keep: true },
      { name: 'kept', align: 'right' },
      { name: 'from' },
      { name: 'to' },
      { name: 'gaps', align: 'right' },
      { name: 'bars missing', align: 'right' },
      { name: 'duplicates', align: 'right' },
      { name: 'bad rows', align: 'right' },
      { name: 'no value', align: 'right' },
    ],
    series.map((one) => [
      one.instrument,
      count(one.rowsKept),
      day(one.span?.from ?? null),
      day(one.span?.to ?? null),
      count(one.gapCount),
      count(one.missingBars),
      count(one.duplicates),
      count(one.badRowCount),
      count(one.missingValues),
    ]),
  );
}

function more(terminal: Terminal, left: number, what: string): void {
  if (left > 0) terminal.out(`and ${count(left)} more ${what}`);
}

interface Rates {
  readonly file: string;
  readonly currencies: readonly string[];
  readonly rows: number;
  readonly notes: readonly string[];
}

/** What a file of rates holds. */
export function drawRates(report: Rates, stored: string | null, terminal: Terminal): void {
  drawPairs(terminal, [
    ['file', report.file],
    ['rates of', report.currencies.join(', ')],
    ['rows', count(report.rows)],
    ...(stored === null ? [] : ([['stored as', stored]] as const)),
  ]);
  for (const note of report.notes) terminal.out(note);
}

interface News {
  readonly file: string;
  readonly subjects: readonly string[];
  readonly rows: number;
  readonly from: string | null;
  readonly to: string | null;
}

/** What a file of headlines holds. */
export function drawNews(report: News, stored: string | null, terminal: Terminal): void {
  drawPairs(terminal, [
    ['file', report.file],
    ['headlines', count(report.rows)],
    ['about', report.subjects.join(', ')],
    ['known', report.from === null ? 'none' : `${report.from} to ${report.to}`],
    ...(stored === null ? [] : ([['stored as', stored]] as const)),
  ]);
}

interface Pulled {
  readonly feed: string;
  readonly alignment: string;
  readonly pulled: readonly {
    readonly name: string;
    readonly kind: string;
    readonly path: string;
    readonly holds: readonly string[];
    readonly rows: number;
    readonly added: number;
    readonly revised: number;
    readonly from: string | null;
    readonly to: string | null;
    readonly notes: readonly string[];
  }[];
}

/** What a pull brought, and how it is used. */
export function drawPulled({ feed, alignment, pulled }: Pulled, terminal: Terminal): void {
  for (const one of pulled) {
    drawPairs(terminal, [
      ['pulled', `${feed}, stored as ${one.name}`],
      ['holds', one.holds.join(', ')],
      ['rows', `${count(one.rows)}, ${count(one.added)} new, ${count(one.revised)} revised`],
      ['span', one.from === null ? 'none' : `${one.from} to ${one.to}`],
      ['stored as', one.path],
      ['use it', `--${one.kind === 'prices' ? 'data' : one.kind} ${one.name}`],
    ]);
    for (const note of one.notes) terminal.out(note);
    terminal.out('');
  }
  terminal.out(`times: ${alignment}`);
}

interface Simulated {
  readonly seed: number;
  readonly timeframe: string;
  readonly from: string;
  readonly to: string;
  readonly files: readonly { readonly path: string; readonly rows: number }[];
}

/** The files of the simulated market. */
export function drawSimulated({ seed, timeframe, from, to, files }: Simulated, terminal: Terminal): void {
  terminal.out(`simulated market: made-up prices and rates, seed ${seed}, ${timeframe}, ${day(from)} to ${day(to)}`);
  drawTable(
    terminal,
    [
      { name: 'file', keep: true },
      { name: 'rows', align: 'right' },
    ],
    files.map(({ path, rows }) => [path, count(rows)]),
  );
}
