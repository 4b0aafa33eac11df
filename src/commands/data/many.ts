import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FxError } from '../../core/base/errors.js';
import { replaceFile } from '../../core/state/atomic.js';
import { stageChunks } from '../../core/state/write-chunks.js';
import { openBytes } from '../../feeds/csv/bytes.js';
import type { BadRow, CheckOptions, CheckReport } from '../../feeds/csv/check.js';
import { storedFixings, storedFolder, storedPath } from '../stored/names.js';
import { dropPullRecord, requireFreeName } from './pull-store.js';

const LISTED = 20;

/** What was found in a file of many series: the sums in front, then each series for itself. */
export interface ManyReport extends CheckReport {
  readonly series: readonly CheckReport[];
}

/**
 * The sums of the reports of one file. `rows` are those of the file. A row that is bad whatever series it is read for is
 * listed once; it is counted once too, unless there are more bad rows than are listed.
 */
export function sumOf(reports: readonly CheckReport[]): ManyReport {
  const [first] = reports;
  if (first === undefined) throw new TypeError('a file that is checked has a series');
  const total = (of: (report: CheckReport) => number): number => reports.reduce((sum, report) => sum + of(report), 0);
  const rows = Math.max(...reports.map((report) => report.rows));
  const spans = reports.flatMap(({ span }) => (span === undefined ? [] : [span]));
  const bad = new Map<string, BadRow>();
  for (const row of reports.flatMap(({ badRows }) => badRows)) bad.set(`${row.line} ${row.code} ${row.reason}`, row);
  const all = [...bad.values()].sort((a, b) => a.line - b.line);
  const areListed = reports.every((report) => report.badRowCount === report.badRows.length);
  return {
    ...first,
    instrument: reports.map(({ instrument }) => instrument).join(', '),
    rows,
    rowsKept: total((report) => report.rowsKept),
    span:
      spans.length === 0
        ? undefined
        : { from: Math.min(...spans.map(({ from }) => from)), to: Math.max(...spans.map(({ to }) => to)) },
    gaps: reports.flatMap(({ gaps }) => gaps).slice(0, LISTED),
    gapCount: total((report) => report.gapCount),
    missingBars: total((report) => report.missingBars),
    duplicates: total((report) => report.duplicates),
    outOfOrder: total((report) => report.outOfOrder),
    missingValues: total((report) => report.missingValues),
    foreignRows: Math.max(0, rows - total((report) => report.rows - report.foreignRows)),
    unpaired: 0,
    badRows: all.slice(0, LISTED),
    badRowCount: areListed ? all.length : total((report) => report.badRowCount),
    series: reports,
  };
}

/** What `data list` tells of a file of many series that is kept as it is. */
export interface WholeRecord {
  readonly version: 1;
  readonly holds: readonly string[];
  readonly rows: number;
  readonly from: string | null;
  readonly to: string | null;
  readonly timeframeMs: number;
  readonly sha256: string;
}

/**
 * Keeps a file of many series as the text it is, so that a run takes from it what it needs. It is kept whole or not at
 * all: a bad row could not be left out, and what the flags say of the file would be forgotten.
 */
export async function storeWhole(
  home: string,
  name: string,
  path: string,
  found: ManyReport,
  options: CheckOptions,
): Promise<string> {
  refuseFlags(path, options, found);
  refuseBadRows(path, found);
  requireFreeName(home, name, storedPath(home, name, 'prices'));
  const target = storedFixings(home, name);
  const hash = createHash('sha256');
  const { blocks } = await openBytes(path);
  const staged = await stageChunks(target, hashed(blocks(), hash));
  staged.commit();
  dropPullRecord(home, name);
  const iso = (ts: number | undefined): string | null => (ts === undefined ? null : new Date(ts).toISOString());
  const record: WholeRecord = {
    version: 1,
    holds: found.series.map(({ instrument }) => instrument),
    rows: found.rows,
    from: iso(found.span?.from),
    to: iso(found.span?.to),
    timeframeMs: found.timeframeMs,
    sha256: hash.digest('hex'),
  };
  replaceFile(recordPath(home, name), `${JSON.stringify(record)}\n`);
  return target;
}

/** What was noted when the file was kept; undefined when it was not, or the file is another by now. */
export function wholeRecord(home: string, name: string, text: string): WholeRecord | undefined {
  const path = recordPath(home, name);
  if (!existsSync(path)) return undefined;
  try {
    const record = JSON.parse(readFileSync(path, 'utf8')) as WholeRecord;
    const isSame = record.version === 1 && record.sha256 === createHash('sha256').update(text).digest('hex');
    return isSame ? record : undefined;
  } catch {
    return undefined;
  }
}

const recordPath = (home: string, name: string): string => join(storedFolder(home), `${name}.import.json`);

async function* hashed(
  blocks: AsyncIterable<Uint8Array>,
  hash: { update(bytes: Uint8Array): unknown },
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const block of blocks) {
    hash.update(block);
    yield block;
  }
}

function refuseFlags(path: string, options: CheckOptions, found: ManyReport): void {
  const flags = {
    '--format': options.format === found.format && found.format === 'ecb' ? undefined : options.format,
    '--time-label': options.timeLabel,
    '--time-zone': options.timeZone,
    '--price-scale': options.priceScale,
    '--timeframe': options.timeframeMs,
  };
  const given = Object.entries(flags).find(([, value]) => value !== undefined);
  if (given === undefined) return;
  throw new FxError('USAGE.CONFLICT', {
    message: `${path} holds ${found.series.length} series and is kept as it is: ${given[0]} would be forgotten`,
    next: `import one of them, --instrument ${found.series[0]?.instrument} for one, or leave ${given[0]} out`,
    facts: { file: path, flag: given[0] },
  });
}

function refuseBadRows(path: string, found: ManyReport): void {
  const [bad] = found.badRows;
  if (bad === undefined && found.rowsKept > 0) return;
  if (bad === undefined) {
    throw new FxError('DATA.EMPTY', {
      message: `${path}: none of its ${found.rows} rows can be used`,
      next: `nothing was stored; look at it with: fxtrade data check ${path}`,
      facts: { file: path, rows: found.rows },
    });
  }
  throw new FxError('DATA.BAD_ROWS', {
    message: `${path}:${bad.line}: ${bad.reason}; ${found.badRowCount} bad rows in a file of ${found.series.length} series, which is kept whole or not at all`,
    next: `nothing was stored; correct them, or import one series: --instrument ${found.series[0]?.instrument}`,
    facts: { file: path, line: bad.line, badRows: found.badRowCount },
  });
}
