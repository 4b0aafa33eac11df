import { FxError } from '../../../core/base/errors.js';
import { closeOfDate, periodFlags } from '../../../core/model/calendar/sessions.js';
import { conversionPath } from '../../../core/model/conversion.js';
import { type EpochMs, type InstrumentId, instrumentId } from '../../../core/model/ids.js';
import type { Instrument } from '../../../core/model/instrument.js';
import { instrumentOf, parseSymbol } from '../../../core/model/instruments.js';
import type { BarBatch, BarColumns, RateSeries, SeriesInfo } from '../../../core/model/market.js';
import type { PriceFeed } from '../../../core/ports/price-feed.js';
import type { Venue } from '../../../core/ports/venue.js';
import { mergeSources } from '../../../feeds/merge/merge.js';
import type { LoadedSettings } from '../../runtime/command.js';
import { noCache } from '../inputs/cached.js';
import { DEFAULT_TIMEFRAME, defaultSymbols, type SessionMarket } from '../inputs/market.js';
import { type RunRequest, TIMEFRAMES } from '../inputs/request.js';

/** What a book trades on a feed, for good: grids that a vendor changes later make no other book of it. */
export interface FeedGround {
  /** Traded ones first, then those that only convert. */
  readonly instruments: readonly Instrument[];
  readonly tradedCount: number;
  /** When the newest bar closed as the book began. */
  readonly first: EpochMs;
}

/** A market whose bars come from a feed. */
export interface FeedMarket extends SessionMarket {
  readonly timeframeMs: number;
  /** Bars, a list an instrument, as the engine takes them. */
  merged(bars: readonly BarColumns[]): AsyncIterable<BarBatch>;
}

/** The length of a bar that a request asks for, ms. */
export const timeframeOf = ({ timeframe }: RunRequest): number =>
  TIMEFRAMES[timeframe ?? DEFAULT_TIMEFRAME] ?? 3_600_000;

/** What a request trades, with grids of the vendor where it has them, else the built-in ones; settings go before both. */
export async function instrumentsOn(
  feed: PriceFeed & Partial<Pick<Venue, 'instruments'>>,
  request: RunRequest,
  loaded: LoadedSettings,
  currency: string,
): Promise<Omit<FeedGround, 'first'>> {
  const symbols = request.instruments.length > 0 ? request.instruments : defaultSymbols(request);
  const known = (symbol: string): Instrument =>
    instrumentOf(symbol, loaded.settings.instruments.get(symbol) ?? {}, currency);
  const offered = async (symbol: string): Promise<Instrument> => {
    const wanted = known(symbol);
    if (feed.instruments === undefined) return wanted;
    const [grid] = await feed.instruments([wanted.id]);
    return { ...wanted, ...grid, ...loaded.settings.instruments.get(symbol) } as Instrument;
  };
  const traded = await Promise.all(symbols.map(offered));
  const extra: Instrument[] = [];
  for (const { quote } of traded) {
    if (conversionPath(quote, currency, [...traded, ...extra]) !== undefined) continue;
    const [found] = await candidates(quote, currency, offered);
    if (found !== undefined) extra.push(found);
  }
  return { instruments: [...traded, ...extra], tradedCount: traded.length };
}

/** Pairs that turn one currency into another, in the order in which markets quote them; those that are offered. */
async function candidates(
  from: string,
  to: string,
  offered: (symbol: string) => Promise<Instrument>,
): Promise<readonly Instrument[]> {
  const usual: InstrumentId[] = [`${from}${to}`, `${to}${from}`].map((text) => parseSymbol(text).id);
  const found: Instrument[] = [];
  for (const id of new Set([...usual.filter((one) => one.includes('/')), instrumentId(`${from}/${to}`)])) {
    try {
      found.push(await offered(id));
    } catch (error) {
      if (!(error instanceof FxError) || error.code !== 'BROKER.UNKNOWN_INSTRUMENT') throw error;
    }
  }
  return found;
}

/** The market of a book on a feed. Asks no vendor: bars are given to it. */
export async function feedMarket(ground: FeedGround, request: RunRequest): Promise<FeedMarket> {
  const { instruments, tradedCount } = ground;
  const timeframeMs = timeframeOf(request);
  const series = instruments.map(
    ({ id }): SeriesInfo => ({ instrument: id, side: 'both', timeframeMs, simulated: false }),
  );
  const hours = instruments[0]?.hours ?? 'data';
  const flags = (ts: EpochMs, next: EpochMs | undefined) => periodFlags(ts, next, hours, timeframeMs, 'weekdays');
  const never = new AbortController().signal;
  const merged = (bars: readonly BarColumns[]): AsyncIterable<BarBatch> => {
    const sources = series.map((info, index) => ({
      info,
      async *chunks() {
        const columns = bars[index];
        if (columns !== undefined && columns.length > 0) yield columns;
      },
    }));
    // Most of the time one bar an instrument has closed: a batch as long as those of files would cost more than its decision.
    const rows = bars.reduce((sum, { length }) => sum + length, 0);
    return mergeSources(sources, flags, never, Math.min(4_096, Math.max(1, rows)));
  };
  return {
    instruments,
    tradedCount,
    series,
    rates: await readRates(request),
    simulated: false,
    simulatedRates: false,
    cache: noCache,
    notes: [`prices of ${request.feed}, orders at the simulated broker`],
    warnings: () => [],
    stream: () => merged([]),
    hash: async () => request.feed ?? '',
    timeframeMs,
    merged,
  };
}

async function readRates(request: RunRequest): Promise<readonly RateSeries[]> {
  if (request.rates === undefined) return [];
  const { openRates } = await import('../../../feeds/rates/open-rates.js');
  return (await openRates([request.rates], { closeOfDate })).series;
}
