import { createHash } from 'node:crypto';
import { FxError } from '../../core/base/errors.js';
import type { EpochMs } from '../../core/model/ids.js';
import type { Instrument } from '../../core/model/instrument.js';
import { instrumentOf } from '../../core/model/instruments.js';
import type { BarColumns, SeriesInfo } from '../../core/model/market.js';
import type { BarSource } from '../../core/ports/feed.js';
import type { PriceFeed } from '../../core/ports/price-feed.js';
import { type StagedFile, stageChunks } from '../../core/state/write-chunks.js';
import { openColumnFile, writeThrough } from '../../feeds/cache/cached-source.js';
import { inspectBars } from '../../feeds/csv/check.js';
import { cleanBars, type DroppedBar, suspicionsOf } from '../../feeds/network/quality.js';
import { openPriceFeed } from '../../feeds/registry.js';
import { TIMEFRAMES } from '../session/inputs/request.js';
import { storedPath } from '../stored/names.js';
import { concat, join } from './columns.js';
import type { PullResult, PullWork } from './pull.js';
import { readPullRecord, type StoredRevision } from './pull-store.js';

const DAY_MS = 86_400_000;
/** Bars that are read again to see whether they were revised. */
const OVERLAP_BARS = 10;
/** Bars asked for at once: progress is told between, and an interrupted pull goes on there. */
const WINDOW_BARS = 20_000;

/** Reads bars of instruments and stores each under a name of its own. */
export async function pullBars(work: PullWork): Promise<readonly PullResult[]> {
  const { request, ctx } = work;
  const { settings } = await ctx.settings();
  const symbols = request.instruments.length === 0 ? ['EUR/USD'] : request.instruments;
  const instruments = symbols.map((symbol) =>
    instrumentOf(symbol, settings.instruments.get(symbol) ?? {}, settings.account.currency),
  );
  if (request.named && instruments.length > 1) throw oneName(symbols);
  const feed = await openPriceFeed(request.feed, work.surroundings);
  const results: PullResult[] = [];
  try {
    for (const instrument of instruments) results.push(await pullOne(work, feed, instrument));
  } finally {
    feed.close();
  }
  return results;
}

async function pullOne(work: PullWork, feed: PriceFeed, instrument: Instrument): Promise<PullResult> {
  const { home, request, now, ctx } = work;
  const timeframe = request.timeframe ?? '1d';
  const timeframeMs = TIMEFRAMES[timeframe] ?? DAY_MS;
  const usual = `${request.feed}-${instrument.id.replace(/[^A-Za-z0-9]/g, '').toLowerCase()}-${timeframe}`;
  const name = request.named ? request.name : usual;
  const path = storedPath(home, name, 'prices');
  const before = readPullRecord(home, name);
  const known = await storedBars(path, before !== undefined, { instrument: instrument.id, timeframeMs });
  const until = Math.min(request.to === undefined ? now : Date.parse(request.to), now);
  const after = startOf(known, request.from, until, timeframeMs);
  const fresh: BarColumns[] = [];
  // A vendor that sends everything at once is asked once.
  const window = request.feed === 'alphavantage' ? until - after : WINDOW_BARS * timeframeMs;
  for (let from = after; from < until; from += window) {
    if (ctx.signal.aborted) throw stopped();
    work.progress(`${request.feed}: ${instrument.id} from ${new Date(from).toISOString().slice(0, 10)}`);
    fresh.push(await feed.bars(instrument.id, timeframeMs, from, Math.min(from + window, until)));
  }
  const { bars: good, dropped } = cleanBars(concat(fresh));
  const { bars, added, revised } = join(known, good);
  if (bars.length === 0) throw nothing(request.feed, instrument.id, after, until);
  const revisions = newRevisions(before?.revisions ?? [], revised, now);
  await store(path, bars, { instrument, timeframeMs, feed: request.feed, dropped });
  const iso = (ts: number | undefined): string | null => (ts === undefined ? null : new Date(ts).toISOString());
  const nowText = new Date(now).toISOString();
  return {
    name,
    kind: 'prices',
    path,
    holds: [instrument.id],
    rows: bars.length,
    added,
    revised: revisions.length - (before?.revisions.length ?? 0),
    from: iso(bars.ts[0]),
    to: iso(bars.ts[bars.length - 1]),
    clockOffsetMs: feed.clockOffsetMs ?? null,
    notes: [...droppedNotes(dropped), ...suspicionsOf(bars, instrument, timeframeMs)],
    record: { fullAt: before?.fullAt ?? nowText, open: request.to === undefined, revisions },
  };
}

/** The newest bars again, then what follows; the first time a few years of days, or two months of bars within a day. */
function startOf(
  known: BarColumns | undefined,
  from: string | undefined,
  until: EpochMs,
  timeframeMs: number,
): EpochMs {
  if (from !== undefined) return Date.parse(from);
  const last = known?.ts[known.length - 1];
  if (last !== undefined) return last - OVERLAP_BARS * timeframeMs;
  // A whole day, so that a second try asks for the same stretches and finds what the first had.
  return (Math.floor(until / DAY_MS) - (timeframeMs >= DAY_MS ? 10 * 366 : 60)) * DAY_MS;
}

async function storedBars(
  path: string,
  isPulled: boolean,
  wanted: Pick<SeriesInfo, 'instrument' | 'timeframeMs'>,
): Promise<BarColumns | undefined> {
  const file = await openColumnFile(path);
  if (file === undefined) return undefined;
  const { info } = file.trailer;
  if (!isPulled || info.instrument !== wanted.instrument || info.timeframeMs !== wanted.timeframeMs) {
    throw new FxError('DATA.NAME_TAKEN', {
      message: `${path} holds ${info.instrument}, bars of ${info.timeframeMs / 60_000} min${isPulled ? '' : ', imported from a file'}`,
      next: 'choose another name for what is pulled: --as NAME',
      facts: { file: path, instrument: info.instrument },
    });
  }
  const chunks: BarColumns[] = [];
  for await (const chunk of file.source.chunks(new AbortController().signal)) chunks.push(concat([chunk]));
  return concat(chunks);
}

interface Storing {
  readonly instrument: Instrument;
  readonly timeframeMs: number;
  readonly feed: string;
  readonly dropped: readonly DroppedBar[];
}

/** Writes the columns with the report that `data check` shows; the old file stays until the new one is whole. */
async function store(
  path: string,
  bars: BarColumns,
  { instrument, timeframeMs, feed, dropped }: Storing,
): Promise<void> {
  const side = bars.bid === undefined ? 'mid' : 'both';
  const source: BarSource = {
    info: { instrument: instrument.id, side, timeframeMs, simulated: false },
    async *chunks() {
      yield bars;
    },
  };
  const { report, bars: walked } = inspectBars(source, instrument, { file: path, format: `pulled from ${feed}` });
  const extra = async () => {
    report.badRowCount = dropped.length;
    report.rows += dropped.length;
    report.duplicates = dropped.filter(({ code }) => code === 'DATA.DUPLICATE').length;
    for (const { ts, code, reason } of dropped.slice(0, 20)) {
      report.badRows.push({ line: 0, code, reason, text: new Date(ts).toISOString() });
    }
    return { sha256: hashOf(bars), report: JSON.stringify(report) };
  };
  let staged: StagedFile | undefined;
  let failed: unknown;
  const write = async (to: string, chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    try {
      staged = await stageChunks(to, chunks);
    } catch (error) {
      failed = error;
    }
  };
  const options = { path, key: 'pull', write, extra };
  for await (const _ of writeThrough(walked, options, new AbortController().signal));
  if (failed !== undefined) throw failed;
  staged?.commit();
}

function hashOf({ ts, price, bid, ask }: BarColumns): string {
  const hash = createHash('sha256');
  for (const column of [ts, ...[price, bid, ask].flatMap((side) => (side === undefined ? [] : Object.values(side)))]) {
    hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  }
  return hash.digest('hex');
}

function newRevisions(
  told: readonly StoredRevision[],
  found: readonly { readonly ts: EpochMs; readonly was: number; readonly now: number }[],
  now: EpochMs,
): readonly StoredRevision[] {
  const last = new Map(told.map((one) => [one.period, one.now]));
  const fresh = found.map(({ ts, was, now: is }) => ({
    series: 'close',
    period: new Date(ts).toISOString(),
    was: String(was),
    wasKnownAt: new Date(ts).toISOString(),
    now: String(is),
    knownAt: new Date(now).toISOString(),
  }));
  return [...told, ...fresh.filter((one) => last.get(one.period) !== one.now)];
}

function droppedNotes(dropped: readonly DroppedBar[]): readonly string[] {
  const [first] = dropped;
  if (first === undefined) return [];
  return [`${dropped.length} bars left out, the first of ${new Date(first.ts).toISOString()}: ${first.reason}`];
}

function oneName(symbols: readonly string[]): FxError {
  return new FxError('USAGE.BAD_VALUE', {
    message: `--as names one series, and ${symbols.length} instruments were given`,
    next: 'leave --as out: each is stored under a name of its own',
    facts: { instruments: symbols },
  });
}

function nothing(feed: string, instrument: string, after: EpochMs, until: EpochMs): FxError {
  const [from, to] = [after, until].map((ts) => new Date(ts).toISOString());
  return new FxError('FEED.EMPTY', {
    message: `${feed} gave no bar of ${instrument} from ${from} to ${to}; nothing was stored`,
    next: 'check the instrument and the dates, and how far back the plan reaches (docs/feeds.md)',
    facts: { feed, instrument },
  });
}

function stopped(): FxError {
  return new FxError('FEED.STOPPED', {
    message: 'the pull was stopped',
    next: 'run the command again: it goes on where it stopped',
  });
}
