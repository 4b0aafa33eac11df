import { FxError } from '../../core/base/errors.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../core/model/calendar/calendar.js';
import type { EpochMs } from '../../core/model/ids.js';
import type { Instrument } from '../../core/model/instrument.js';
import { majorPairs } from '../../core/model/instruments.js';
import type { BarColumns, RateSeries } from '../../core/model/market.js';
import type { BarSource } from '../../core/ports/feed.js';
import { barBuffer, writeWeek } from './bars.js';
import { KEPT_WEEKS, Minutes } from './minutes.js';
import { WEEK_HOURS, World, weekOf, weekOpen } from './world.js';

/** What the simulated market quotes: the 28 pairs of the majors, and the crowns against the dollar. */
export const simulatedPairs: readonly string[] = [...majorPairs, 'USD/NOK', 'USD/SEK'];

export interface SimulatedMarketOptions {
  readonly seed: number | string;
  /** Bars that close after `from` and not after `to`. The world begins on Sunday 2 January 2000. */
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** Whole minutes that divide an hour, or whole hours that divide a day. */
  readonly timeframeMs: number;
  /** Any of `simulatedPairs`; their tick and typical spread are used. */
  readonly instruments: readonly Instrument[];
}

export interface SimulatedMarket {
  /** One for each instrument, in their order. */
  readonly sources: readonly BarSource[];
  /** Policy rates of ten currencies known before `to`. */
  readonly rates: readonly RateSeries[];
  /** Rates known before a later moment, for sessions that run with the clock. */
  ratesUntil(now: EpochMs): readonly RateSeries[];
  /** Bars of the instrument at `index` that close after `after` and not after `now`; `to` is no limit here. */
  barsAfter(index: number, after: EpochMs, now: EpochMs): BarColumns;
}

/**
 * A made-up FX market with bid and ask, told from a seed. What a bar looks like depends on the seed, its time and the
 * instrument's tick and spread only: not on `from`, `to`, the other instruments or the machine. Longer bars are exactly
 * what resampling the one-minute bars gives. Crosses are ratios of the same dollar values, with bid and ask rounded
 * outward, so no chain of conversions earns. No bars from Friday 17:00 to Sunday 17:00 New York; volume is unknown (NaN).
 */
export function simulatedMarket(options: SimulatedMarketOptions): SimulatedMarket {
  check(options);
  const { seed, from, to, timeframeMs, instruments } = options;
  const world = new World(seed, weekOf(from));
  const minutes = new Minutes(seed, world);
  const rowsAWeek = (WEEK_HOURS * HOUR_MS) / Math.min(timeframeMs, HOUR_MS);
  const weeksAChunk = timeframeMs < HOUR_MS ? 1 : KEPT_WEEKS / 2;

  const barsAfter = (index: number, after: EpochMs, now: EpochMs): BarColumns => {
    const [first, last] = [Math.max(weekOf(after), weekOf(from), 0), weekOf(now)];
    const out = barBuffer(Math.max(0, last - first + 1) * rowsAWeek);
    const instrument = instruments[index];
    for (let week = first; week <= last && instrument !== undefined; week++) {
      writeWeek(out, { instrument, timeframeMs, week, after, until: now }, world, minutes);
    }
    return out;
  };

  const sourceOf = (instrument: Instrument): BarSource => ({
    info: { instrument: instrument.id, side: 'both', timeframeMs, simulated: true },
    async *chunks(signal) {
      const out = barBuffer(weeksAChunk * rowsAWeek);
      let week = Math.max(weekOf(from), 0);
      while (weekOpen(week) < to && !signal.aborted) {
        out.length = 0;
        for (let i = 0; i < weeksAChunk && weekOpen(week) < to; i++, week++) {
          writeWeek(out, { instrument, timeframeMs, week, after: from, until: to }, world, minutes);
        }
        if (out.length > 0) yield out;
      }
    },
  });

  return {
    sources: instruments.map(sourceOf),
    rates: world.rates(to),
    ratesUntil: (now) => world.rates(now),
    barsAfter,
  };
}

function check({ from, to, timeframeMs, instruments }: SimulatedMarketOptions): void {
  const even =
    timeframeMs < HOUR_MS
      ? timeframeMs >= MINUTE_MS && timeframeMs % MINUTE_MS === 0 && HOUR_MS % timeframeMs === 0
      : timeframeMs % HOUR_MS === 0 && DAY_MS % timeframeMs === 0;
  if (!even) {
    throw new FxError('DATA.TIMEFRAME', {
      message: `the simulated market has no bars of ${timeframeMs / MINUTE_MS} minutes`,
      next: 'choose --timeframe 1m, 5m, 15m, 1h, 4h or 1d',
      facts: { timeframeMs },
    });
  }
  for (const { id } of instruments) {
    if (simulatedPairs.includes(id)) continue;
    throw new FxError('DATA.UNKNOWN_INSTRUMENT', {
      message: `the simulated market has no ${id}`,
      next: `choose from ${simulatedPairs.join(', ')}, or give files with --data`,
      facts: { instrument: id },
    });
  }
  if (to <= weekOpen(0) || to > Date.UTC(2100, 0, 1) || !(from < to)) {
    throw new FxError('DATA.RANGE', {
      message: `the simulated market lasts from 2000-01-02 to 2100-01-01, asked was ${day(from)} to ${day(to)}`,
      next: 'choose --from and --to inside it, the earlier one first',
      facts: { from, to },
    });
  }
}

function day(ts: EpochMs): string {
  return Number.isFinite(ts) && Math.abs(ts) < 8e15 ? new Date(ts).toISOString().slice(0, 10) : String(ts);
}
