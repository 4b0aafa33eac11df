import { existsSync, readFileSync } from 'node:fs';
import { FxError } from '../../core/base/errors.js';
import type { SeriesFeed } from '../../core/ports/price-feed.js';
import { replaceFile } from '../../core/state/atomic.js';
import { ensureDir } from '../../core/state/write.js';
import { type Merged, mergeVintages, type Vintage } from '../../feeds/network/vintages.js';
import { isPulledRates, type PulledRate, pulledRatesOf, pulledRatesText } from '../../feeds/rates/pulled.js';
import { openSeries } from '../../feeds/registry.js';
import { storedFolder, storedPath } from '../stored/names.js';
import type { PullResult, PullWork } from './pull.js';

/** How far back is read again for revisions when only what is new is asked for, years. */
const OVERLAP_YEARS = 2;

/** Reads the series of a feed of interest rates, one after the other, and stores them together. */
export async function pullRates(work: PullWork): Promise<PullResult> {
  const { home, request, now, before } = work;
  const path = storedPath(home, request.name, 'rates');
  const stored = storedRates(path);
  const feed = await openSeries(request.feed, choiceOf(request), work.surroundings);
  const rows: PulledRate[] = [];
  const missing: string[] = [];
  const counts = { added: 0, revised: 0 };
  try {
    for (const [i, series] of feed.series.entries()) {
      work.progress(`${request.feed}: ${series}, ${i + 1} of ${feed.series.length}`);
      const merged = await oneSeries(work, feed, series, stored.get(series) ?? []);
      counts.added += merged.added;
      counts.revised += merged.revised;
      if (merged.vintages.length === 0) missing.push(series);
      rows.push(...withCurrency(series, merged.vintages, feed));
      stored.delete(series);
    }
  } finally {
    feed.close();
  }
  // Series that were pulled before and not asked for now stay.
  for (const [series, known] of stored) rows.push(...withCurrency(series, known, feed));
  if (rows.length === 0) throw nothing(feed.series);
  refuseRivals(rows);
  ensureDir(storedFolder(home));
  replaceFile(path, pulledRatesText(rows));
  const periods = rows.map(({ period }) => period).sort();
  return {
    name: request.name,
    kind: 'rates',
    path,
    holds: [...new Set(rows.map(({ currency }) => currency))].sort(),
    rows: rows.length,
    ...counts,
    from: periods[0] ?? null,
    to: periods.at(-1) ?? null,
    clockOffsetMs: feed.clockOffsetMs ?? null,
    notes: missing.length === 0 ? [] : [`no values of ${missing.join(', ')}`],
    record: {
      fullAt: before === undefined || request.from !== undefined ? new Date(now).toISOString() : before.fullAt,
      open: request.to === undefined,
      revisions: [],
    },
  };
}

async function oneSeries(
  { request, now, before }: PullWork,
  feed: SeriesFeed,
  series: string,
  known: readonly Vintage[],
): Promise<Merged> {
  const fresh = await feed.read(series, request.from ?? overlapStart(known), request.to);
  return mergeVintages(known, fresh, {
    seenAt: now,
    lastSeenAt: before?.open === true && known.length > 0 ? Date.parse(before.pulledAt) : undefined,
    knownBy: (period) => feed.knownBy(series, period),
  });
}

function choiceOf({ series, daily }: PullWork['request']) {
  return series === undefined ? { daily } : { daily, series };
}

function storedRates(path: string): Map<string, Vintage[]> {
  const bySeries = new Map<string, Vintage[]>();
  if (!existsSync(path)) return bySeries;
  const text = readFileSync(path, 'utf8');
  if (!isPulledRates(text)) {
    throw new FxError('DATA.NAME_TAKEN', {
      message: `${path} holds rates that were imported from a file`,
      next: 'choose another name for what is pulled: --as NAME',
      facts: { file: path },
    });
  }
  for (const { series, period, value, knownAt } of pulledRatesOf(text, path)) {
    const list = bySeries.get(series) ?? [];
    list.push({ period, value, knownAt });
    bySeries.set(series, list);
  }
  return bySeries;
}

/** Undefined the first time: then everything is read. */
function overlapStart(known: readonly Vintage[]): string | undefined {
  const newest = known.at(-1)?.period;
  if (newest === undefined) return undefined;
  return `${Number(newest.slice(0, 4)) - OVERLAP_YEARS}-${newest.slice(5, 7)}-01`;
}

/** Values of years in which nobody used that currency are left out, as from a file. */
function withCurrency(series: string, vintages: readonly Vintage[], feed: SeriesFeed): readonly PulledRate[] {
  return vintages.flatMap((one) => {
    const currency = feed.currencyOf(series, one.period);
    return currency === undefined ? [] : [{ currency, series, ...one }];
  });
}

/** Two series of one currency would be mixed into one rate. */
function refuseRivals(rows: readonly PulledRate[]): void {
  const owner = new Map<string, string>();
  for (const { currency, series } of rows) {
    const other = owner.get(currency) ?? series;
    owner.set(currency, other);
    if (other === series) continue;
    throw new FxError('DATA.DUPLICATE', {
      message: `${other} and ${series} are both rates of ${currency}; nothing was stored`,
      next: 'pull them under two names: --series and --as',
      facts: { currency, series: [other, series] },
    });
  }
}

function nothing(series: readonly string[]): FxError {
  return new FxError('FEED.EMPTY', {
    message: `no values of ${series.slice(0, 5).join(', ')}${series.length > 5 ? ' …' : ''} that belong to a currency; nothing was stored`,
    next: 'check the series and the dates',
    facts: { series: series.slice(0, 20) },
  });
}
