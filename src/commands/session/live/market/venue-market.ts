import { FxError } from '../../../../core/base/errors.js';
import { closeOfDate, periodFlags } from '../../../../core/model/calendar/sessions.js';
import { conversionPath } from '../../../../core/model/conversion.js';
import { type EpochMs, type InstrumentId, instrumentId } from '../../../../core/model/ids.js';
import type { Instrument } from '../../../../core/model/instrument.js';
import type { BarBatch, BarColumns, RateSeries, SeriesInfo } from '../../../../core/model/market.js';
import type { Venue } from '../../../../core/ports/venue.js';
import { mergeSources } from '../../../../feeds/merge/merge.js';
import { noCache } from '../../inputs/cached.js';
import { defaultSymbols, type SessionMarket } from '../../inputs/market.js';
import { type RunRequest, TIMEFRAMES } from '../../inputs/request.js';

/** What a live session trades on: grids of the venue, bars of the venue. */
export interface VenueMarket extends SessionMarket {
  readonly timeframeMs: number;
  /** Closed bars after one moment and not after another, a list an instrument. */
  fetch(after: EpochMs, until: EpochMs): Promise<readonly BarColumns[]>;
  /** The same, recorded or fetched, as the engine takes them. */
  merged(bars: readonly BarColumns[]): AsyncIterable<BarBatch>;
}

const DEFAULT_TIMEFRAME = '1h';

/** Opens the market of a live session. Throws `BROKER.*` for an instrument that the venue does not trade. */
export async function openVenueMarket(request: RunRequest, venue: Venue, currency: string): Promise<VenueMarket> {
  const symbols = request.instruments.length > 0 ? request.instruments : defaultSymbols(request);
  const traded = await venue.instruments(symbols.map(instrumentId));
  const converting = await conversions(traded, currency, venue);
  const instruments = [...traded, ...converting];
  const timeframeMs = TIMEFRAMES[request.timeframe ?? DEFAULT_TIMEFRAME] ?? 3_600_000;
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
    return mergeSources(sources, flags, never);
  };
  return {
    instruments,
    tradedCount: traded.length,
    series,
    rates: await readRates(request),
    simulated: false,
    simulatedRates: false,
    cache: noCache,
    notes: [],
    warnings: () => [],
    stream: () => merged([]),
    hash: async () => venue.name,
    timeframeMs,
    fetch: (after, until) => Promise.all(instruments.map(({ id }) => venue.bars(id, timeframeMs, after, until))),
    merged,
  };
}

/** What turns the profit of each traded instrument into the account's currency. */
async function conversions(traded: readonly Instrument[], currency: string, venue: Venue): Promise<Instrument[]> {
  const extra: Instrument[] = [];
  for (const { quote } of traded) {
    if (conversionPath(quote, currency, [...traded, ...extra]) !== undefined) continue;
    for (const symbol of [`${quote}/${currency}`, `${currency}/${quote}`]) {
      const [found] = (await offered(venue, instrumentId(symbol))) ?? [];
      if (found === undefined) continue;
      extra.push(found);
      break;
    }
  }
  return extra;
}

async function offered(venue: Venue, id: InstrumentId): Promise<readonly Instrument[] | undefined> {
  try {
    return await venue.instruments([id]);
  } catch (error) {
    if (error instanceof FxError && error.code === 'BROKER.UNKNOWN_INSTRUMENT') return undefined;
    throw error;
  }
}

async function readRates(request: RunRequest): Promise<readonly RateSeries[]> {
  if (request.rates === undefined) return [];
  const { openRates } = await import('../../../../feeds/rates/open-rates.js');
  return (await openRates([request.rates], { closeOfDate })).series;
}
