import type { PriceUpdate, SandboxBar } from '../../brokers/oanda/sandbox/message.js';
import { insideBar } from '../../brokers/oanda/sandbox/prices.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../core/model/calendar/calendar.js';
import type { EpochMs } from '../../core/model/ids.js';
import type { Instrument } from '../../core/model/instrument.js';
import type { BarColumns } from '../../core/model/market.js';
import { simulatedMarket } from '../../feeds/simulated/market.js';

const HISTORY_MS = 800 * DAY_MS;
const AHEAD_MS = 60 * DAY_MS;

/** The simulated market as the venue sees it: bars of the past, and the price of a moment inside its bar of a minute. */
export class Prices {
  readonly #instruments: readonly Instrument[];
  readonly #shiftMs: number;
  readonly #minutes: ReturnType<typeof simulatedMarket>;
  readonly #hours: ReturnType<typeof simulatedMarket>;
  readonly #index: ReadonlyMap<string, number>;
  /** Bars of the hour that is being played, by instrument. */
  #hour = Number.NaN;
  #bars: readonly (readonly SandboxBar[])[] = [];
  readonly #last = new Map<string, PriceUpdate>();

  constructor(instruments: readonly Instrument[], seed: string, shiftMs: number, now: EpochMs) {
    const span = { seed, from: now - HISTORY_MS, to: now + AHEAD_MS, instruments };
    this.#instruments = instruments;
    this.#shiftMs = shiftMs;
    this.#minutes = simulatedMarket({ ...span, timeframeMs: MINUTE_MS });
    this.#hours = simulatedMarket({ ...span, timeframeMs: HOUR_MS });
    this.#index = new Map(instruments.map((one, i) => [`${one.base}_${one.quote}`, i]));
  }

  /** Only bars that were over by `to`: one that is still being played would tell what comes. */
  *history(name: string, granularityMs: number, from: EpochMs, to: EpochMs): Generator<SandboxBar> {
    const index = this.#index.get(name);
    if (index === undefined || from >= to) return;
    const minute = Math.floor(to / MINUTE_MS) * MINUTE_MS;
    const hour = granularityMs < HOUR_MS ? from : Math.max(from, Math.floor(to / HOUR_MS) * HOUR_MS);
    if (hour > from) yield* this.#read(this.#hours, index, HOUR_MS, from, hour);
    if (minute > hour) yield* this.#read(this.#minutes, index, MINUTE_MS, hour, minute);
  }

  /** The price of every instrument; the last one, not tradeable, while the market is shut. */
  at(now: EpochMs): readonly PriceUpdate[] {
    const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
    if (hour !== this.#hour) {
      this.#hour = hour;
      this.#bars = this.#instruments.map((_, i) => [
        ...this.#read(this.#minutes, i, MINUTE_MS, hour - 1, hour + HOUR_MS),
      ]);
    }
    return this.#instruments.flatMap((one, i) => this.#priceOf(one, this.#bars[i] ?? [], now) ?? []);
  }

  #priceOf(instrument: Instrument, bars: readonly SandboxBar[], now: EpochMs): PriceUpdate | undefined {
    const name = `${instrument.base}_${instrument.quote}`;
    const bar = bars.findLast((one) => one.start <= now);
    if (bar === undefined || now - bar.start >= MINUTE_MS) {
      const last = this.#last.get(name);
      return last === undefined ? undefined : { ...last, tradeable: false };
    }
    const price = { instrument: name, ...insideBar(bar, (now - bar.start) / MINUTE_MS, instrument.tick) };
    this.#last.set(name, price);
    return price;
  }

  *#read(
    market: ReturnType<typeof simulatedMarket>,
    index: number,
    lengthMs: number,
    from: EpochMs,
    to: EpochMs,
  ): Generator<SandboxBar> {
    const columns = market.barsAfter(index, from - this.#shiftMs, to - this.#shiftMs + lengthMs);
    for (let i = 0; i < columns.length; i++) {
      const bar = barAt(columns, i, lengthMs, this.#shiftMs);
      if (bar !== undefined && bar.start >= from && bar.start < to) yield bar;
    }
  }
}

function barAt({ ts, bid, ask }: BarColumns, i: number, lengthMs: number, shiftMs: number): SandboxBar | undefined {
  if (bid === undefined || ask === undefined) return undefined;
  const corners = (side: typeof bid) => ({
    o: side.open[i] ?? Number.NaN,
    h: side.high[i] ?? Number.NaN,
    l: side.low[i] ?? Number.NaN,
    c: side.close[i] ?? Number.NaN,
  });
  const start = (ts[i] ?? 0) - lengthMs + shiftMs;
  return { start, bid: corners(bid), ask: corners(ask), volume: lengthMs / 1000 };
}
