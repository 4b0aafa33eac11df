import { OandaSandbox } from '../../brokers/oanda/sandbox/account.js';
import { FaultPlan, type FaultScript } from '../../brokers/oanda/sandbox/faults.js';
import { sandboxInstrument } from '../../brokers/oanda/sandbox/instruments.js';
import type { PriceUpdate, SandboxBar, SandboxTruth } from '../../brokers/oanda/sandbox/message.js';
import { insideBar } from '../../brokers/oanda/sandbox/prices.js';
import { serveSandbox } from '../../brokers/oanda/sandbox/server.js';
import { FaultyVenue } from '../../brokers/oanda/sandbox/venue.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../core/model/calendar/calendar.js';
import { isOpen } from '../../core/model/calendar/sessions.js';
import type { EpochMs } from '../../core/model/ids.js';
import type { Instrument } from '../../core/model/instrument.js';
import { instrumentOf } from '../../core/model/instruments.js';
import type { BarColumns } from '../../core/model/market.js';
import type { Clock } from '../../core/ports/clock.js';
import { simulatedMarket, simulatedPairs } from '../../feeds/simulated/market.js';

export interface StandInOptions {
  readonly clock: Clock;
  readonly seed: string;
  readonly faults: FaultScript;
  readonly port: number;
}

/** A stand-in that is listening. */
export interface StandIn {
  readonly url: string;
  readonly port: number;
  /** What a program must have in its environment to trade there. */
  readonly exports: Readonly<Record<string, string>>;
  readonly instruments: readonly string[];
  /** The market of another weekday is played, because the real one is shut. */
  readonly shiftedMs: number;
  truth(): SandboxTruth;
  close(): Promise<void>;
}

const ACCOUNT = '101-004-1000001-001';
const TOKEN = 'fxtrade-sandbox';
const CURRENCY = 'USD';
const CAPITAL = 100_000;
const HISTORY_MS = 800 * DAY_MS;
const AHEAD_MS = 60 * DAY_MS;
/** On a weekend the market of three days before is played: somebody who wants to rehearse has the time then. */
const WEEKEND_SHIFT_MS = 3 * DAY_MS;

/** Starts the stand-in of OANDA on the simulated market, in real time, on this machine only. */
export async function startStandIn({ clock, seed, faults, port }: StandInOptions): Promise<StandIn> {
  const now = clock.now();
  const shiftedMs = isOpen('fx', now) ? 0 : WEEKEND_SHIFT_MS;
  const known = simulatedPairs.map((symbol) => instrumentOf(symbol, {}, CURRENCY));
  const prices = new Prices(known, seed, shiftedMs, now);
  const sandbox = new OandaSandbox({
    accounts: [{ id: ACCOUNT, currency: CURRENCY, balance: CAPITAL, alias: 'Sandbox' }],
    instruments: known.map((one) => sandboxInstrument(one)),
    seed,
    start: now,
    settings: { token: TOKEN },
    history: (name, granularityMs, from, to) => prices.history(name, granularityMs, from, to),
  });
  const venue = new FaultyVenue(sandbox, new FaultPlan(faults, seed));
  for (const update of prices.at(now)) venue.price(update, now);
  const server = await serveSandbox({ venue, clock, port, tickMs: 250, prices: (at) => prices.at(at) });
  return {
    url: server.url,
    port: server.port,
    exports: {
      BROKER_TYPE: 'oanda',
      OANDA_ENV: 'practice',
      OANDA_BASE_URL: server.url,
      OANDA_STREAM_URL: server.url,
      OANDA_TOKEN: TOKEN,
      OANDA_ACCOUNT_ID: ACCOUNT,
    },
    instruments: known.map((one) => one.id),
    shiftedMs,
    truth: () => sandbox.truth(),
    close: () => server.close(),
  };
}

/** The simulated market as the venue sees it: bars of the past, and the price of a moment inside its bar of a minute. */
class Prices {
  readonly #instruments: readonly Instrument[];
  readonly #shiftMs: number;
  readonly #minutes: ReturnType<typeof simulatedMarket>;
  readonly #hours: ReturnType<typeof simulatedMarket>;
  readonly #index: ReadonlyMap<string, number>;
  /** Bars of the hour that is being played, by instrument. */
  #hour = Number.NaN;
  #bars: readonly (readonly SandboxBar[])[] = [];

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
    const bar = bars.findLast((one) => one.start <= now);
    if (bar === undefined) return undefined;
    const tradeable = now - bar.start < MINUTE_MS;
    const inside = insideBar(bar, (now - bar.start) / MINUTE_MS, instrument.tick);
    return { instrument: `${instrument.base}_${instrument.quote}`, ...inside, tradeable };
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
