import { assert } from '../../../core/base/assert.js';
import { FxError } from '../../../core/base/errors.js';
import { closeOfDate, periodFlags } from '../../../core/model/calendar/sessions.js';
import { conversionPath } from '../../../core/model/conversion.js';
import type { EpochMs } from '../../../core/model/ids.js';
import type { Instrument } from '../../../core/model/instrument.js';
import { instrumentOf } from '../../../core/model/instruments.js';
import type { BarBatch, BarColumns, RateSeries, SeriesInfo } from '../../../core/model/market.js';
import type { BarSource } from '../../../core/ports/feed.js';
import { mergeSources } from '../../../feeds/merge/merge.js';
import { until } from '../../../feeds/merge/until.js';
import type { LoadedSettings } from '../../runtime/command.js';
import { noCache, type SessionCache, withCache } from './cached.js';
import { type SessionNews, withNews } from './news.js';
import { type RunRequest, TIMEFRAMES } from './request.js';

/** Everything that drives a session. */
export interface SessionMarket {
  /** Traded ones first, then those that only convert. */
  readonly instruments: readonly Instrument[];
  readonly tradedCount: number;
  /** In the order of `instruments`. */
  readonly series: readonly SeriesInfo[];
  readonly rates: readonly RateSeries[];
  /** Headlines, where the run was given any. */
  readonly news?: SessionNews;
  /** Some prices are made up. */
  readonly simulated: boolean;
  /** Some interest rates are made up. */
  readonly simulatedRates: boolean;
  /** What was read of files may be kept for the next run. */
  readonly cache: SessionCache;
  /** What the files were taken for. */
  readonly notes: readonly string[];
  /** What the reading left out; asked for after it. */
  warnings(): readonly string[];
  stream(signal: AbortSignal): AsyncIterable<BarBatch>;
  /** Bars that close after one moment and not after another, for sessions that run with the clock. */
  readonly newest?: (after: EpochMs, until: EpochMs, signal: AbortSignal) => AsyncIterable<BarBatch>;
  /** Of everything the prices and rates come from. */
  hash(): Promise<string>;
}

/** What the simulated market shows when nobody says otherwise. */
export const DEFAULT_FROM = Date.UTC(2023, 0, 1);
export const DEFAULT_TO = Date.UTC(2025, 0, 1);
export const DEFAULT_TIMEFRAME = '1h';
/** How far rates of a session reach beyond its start. */
const RATES_AHEAD_MS = 366 * 86_400_000;
/** Bars before `--from` that a simulated run may warm up with. */
export const WARM_UP_MS = 400 * 86_400_000;

/** Opens the market of a run: files, or the simulated one. */
export async function openMarket(
  request: RunRequest,
  loaded: LoadedSettings,
  currency: string,
): Promise<SessionMarket> {
  assert(request.feed === undefined, 'the market of a feed is opened by the session that follows it');
  const open = request.data.length > 0 ? fileMarket : simulatedRun;
  return withNews(await open(request, loaded, currency), request, loaded);
}

async function fileMarket(request: RunRequest, loaded: LoadedSettings, currency: string): Promise<SessionMarket> {
  const { openPrices } = await import('../../stored/prices.js');
  const known = (symbol: string) => instrumentOf(symbol, overridesOf(loaded, symbol), currency);
  const options = {
    ...given(request),
    closeOfDate,
    lookup: (symbol: string) => quietly(() => known(symbol)),
  };
  const paths = request.data;
  const traded = request.instruments.map(known);
  const first = await openPrices(paths, { ...options, instruments: traded });
  const converting = await conversions(first.instruments, currency, known, async (extra) => {
    await openPrices(paths, { ...options, instruments: [...first.instruments, ...extra] });
  });
  const opened =
    converting.length === 0
      ? first
      : await openPrices(paths, { ...options, instruments: [...first.instruments, ...converting] });
  const rates = await readRates(request);
  const fixings = opened.notes.some((note) => note.includes('ecb')) ? 'target' : 'weekdays';
  const read = await withCache(request.home, paths, given(request), opened);
  const hash = async () => joinHashes([await read.hash(), ...(await rates.hashes())]);
  return assemble({
    request,
    instruments: opened.instruments,
    tradedCount: opened.instruments.length - converting.length,
    sources: read.sources,
    cache: read.cache,
    rates: rates.series,
    simulatedRates: rates.simulated,
    fixings,
    notes: [...opened.notes, ...rates.notes],
    warnings: () => read.warnings(),
    hash,
  });
}

async function simulatedRun(request: RunRequest, loaded: LoadedSettings, currency: string): Promise<SessionMarket> {
  const { simulatedMarket, simulatedPairs } = await import('../../../feeds/simulated/market.js');
  const symbols = request.instruments.length > 0 ? request.instruments : defaultSymbols(request);
  const known = (symbol: string) => instrumentOf(symbol, overridesOf(loaded, symbol), currency);
  const traded = symbols.map(known);
  for (const instrument of traded) {
    if (simulatedPairs.includes(instrument.id)) continue;
    throw new FxError('DATA.UNKNOWN_INSTRUMENT', {
      message: `the simulated market has no ${instrument.id}`,
      next: `choose from ${simulatedPairs.join(', ')}, or give files with --data`,
      facts: { instrument: instrument.id },
    });
  }
  const converting = await conversions(traded, currency, known, async () => undefined, simulatedPairs);
  const from = request.from ?? DEFAULT_FROM;
  const market = simulatedMarket({
    seed: request.seed,
    from: request.from === undefined ? from : from - WARM_UP_MS,
    to: request.to ?? Math.max(DEFAULT_TO, from + 366 * 86_400_000),
    timeframeMs: TIMEFRAMES[request.timeframe ?? DEFAULT_TIMEFRAME] ?? 3_600_000,
    instruments: [...traded, ...converting],
  });
  const rates = await readRates(request);
  // Rates that become known during a session are in the list; nobody sees them before their time.
  const knownRates =
    request.mode === 'paper' ? market.ratesUntil((request.to ?? DEFAULT_TO) + RATES_AHEAD_MS) : market.rates;
  const shown = request.rates === undefined ? { series: knownRates, simulated: true } : rates;
  const text = `simulated ${request.seed} ${request.from ?? ''} ${request.to ?? ''} ${request.timeframe ?? ''} ${symbols.join()}`;
  return assemble({
    request: { ...request, timeframe: undefined },
    instruments: [...traded, ...converting],
    tradedCount: traded.length,
    sources: market.sources,
    rates: shown.series,
    simulatedRates: shown.simulated,
    fixings: 'weekdays',
    notes: ['simulated market: made-up prices and rates, the same for the same seed'],
    warnings: () => [],
    columns: (index, after, until) => market.barsAfter(index, after, until),
    hash: async () => joinHashes([text, ...(await rates.hashes())]),
  });
}

/** A carry trade needs a choice of currencies; everything else starts with one pair. */
export function defaultSymbols(request: RunRequest): readonly string[] {
  return request.strategy === 'carry'
    ? ['AUD/USD', 'USD/CAD', 'USD/CHF', 'EUR/USD', 'GBP/USD', 'USD/JPY', 'NZD/USD']
    : ['EUR/USD'];
}

interface Parts {
  readonly request: RunRequest;
  readonly instruments: readonly Instrument[];
  readonly tradedCount: number;
  readonly sources: readonly BarSource[];
  readonly rates: readonly RateSeries[];
  readonly simulatedRates: boolean;
  readonly fixings: 'weekdays' | 'target';
  readonly notes: readonly string[];
  warnings(): readonly string[];
  hash(): Promise<string>;
  readonly cache?: SessionCache;
  readonly columns?: (index: number, after: EpochMs, until: EpochMs) => BarColumns;
}

async function assemble(parts: Parts): Promise<SessionMarket> {
  const { request, instruments } = parts;
  const sources = await toTimeframe(parts.sources, instruments, request);
  const series = sources.map((source) => source.info);
  const hours = instruments[0]?.hours ?? 'data';
  const timeframeMs = series[0]?.timeframeMs ?? 0;
  const flags = (ts: EpochMs, next: EpochMs | undefined) => periodFlags(ts, next, hours, timeframeMs, parts.fixings);
  const { columns } = parts;
  const newestOf = (of: NonNullable<Parts['columns']>) => (after: EpochMs, until: EpochMs, signal: AbortSignal) =>
    mergeSources(
      series.map((info, index) => ({
        info,
        async *chunks() {
          yield of(index, after, until);
        },
      })),
      flags,
      signal,
    );
  const cache = parts.cache ?? noCache;
  const { to } = request;
  const cut =
    to === undefined ? sources : sources.map((source, place) => until(source, to, () => cache.readsOn(place)));
  return {
    instruments,
    tradedCount: parts.tradedCount,
    series,
    rates: parts.rates,
    simulated: series.some((one) => one.simulated),
    simulatedRates: parts.simulatedRates,
    notes: parts.notes,
    warnings: parts.warnings,
    stream: (signal) => mergeSources(cut, flags, signal),
    hash: parts.hash,
    cache,
    ...(columns === undefined ? {} : { newest: newestOf(columns) }),
  };
}

async function toTimeframe(
  sources: readonly BarSource[],
  instruments: readonly Instrument[],
  request: RunRequest,
): Promise<readonly BarSource[]> {
  const wanted = request.timeframe === undefined ? undefined : TIMEFRAMES[request.timeframe];
  if (wanted === undefined || sources.every((source) => source.info.timeframeMs === wanted)) return sources;
  const { resample } = await import('../../../feeds/resample/resample.js');
  return sources.map((source, index) => {
    if (source.info.timeframeMs === wanted) return source;
    return resample(source, wanted, { assetClass: instruments[index]?.assetClass ?? 'other', closeOfDate });
  });
}

/**
 * Instruments that only convert: one for each quote currency that the traded ones cannot value in account currency.
 * A currency for which the data has none is left to the valuation, which refuses it by name.
 */
async function conversions(
  traded: readonly Instrument[],
  currency: string,
  known: (symbol: string) => Instrument,
  opens: (extra: readonly Instrument[]) => Promise<void>,
  offered?: readonly string[],
): Promise<readonly Instrument[]> {
  const extra: Instrument[] = [];
  for (const { quote } of traded) {
    if (conversionPath(quote, currency, [...traded, ...extra]) !== undefined) continue;
    for (const symbol of [`${quote}/${currency}`, `${currency}/${quote}`]) {
      if (offered !== undefined && !offered.includes(symbol)) continue;
      const instrument = quietly(() => known(symbol));
      if (instrument === undefined || !(await succeeds(opens([...extra, instrument])))) continue;
      extra.push(instrument);
      break;
    }
  }
  return extra;
}

/** False for what a user could have caused; a bug goes on up. */
async function succeeds(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (error instanceof FxError) return false;
    throw error;
  }
}

interface Rates {
  readonly series: readonly RateSeries[];
  readonly notes: readonly string[];
  readonly simulated: boolean;
  hashes(): Promise<readonly string[]>;
}

async function readRates(request: RunRequest): Promise<Rates> {
  if (request.rates === undefined) return { series: [], notes: [], simulated: false, hashes: async () => [] };
  const { openRates } = await import('../../../feeds/rates/open-rates.js');
  const opened = await openRates([request.rates], { closeOfDate });
  const { series, notes, simulated } = opened;
  return { series, notes, simulated, hashes: async () => [await opened.hash()] };
}

function given(request: RunRequest) {
  const { format, priceScale, timeLabel, timeZone, timeframe } = request;
  return {
    ...(format === undefined ? {} : { format }),
    ...(priceScale === undefined ? {} : { priceScale }),
    ...(timeLabel === undefined ? {} : { timeLabel }),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(timeframe === undefined ? {} : { timeframeMs: TIMEFRAMES[timeframe] ?? 0 }),
  };
}

function overridesOf(loaded: LoadedSettings, symbol: string) {
  return loaded.settings.instruments.get(symbol) ?? {};
}

function quietly<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof FxError) return undefined;
    throw error;
  }
}

async function joinHashes(parts: readonly string[]): Promise<string> {
  const { createHash } = await import('node:crypto');
  return createHash('sha256').update(parts.join('\n')).digest('hex');
}
