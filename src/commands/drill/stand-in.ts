import { OandaSandbox } from '../../brokers/oanda/sandbox/account.js';
import { FaultPlan, type FaultScript } from '../../brokers/oanda/sandbox/faults.js';
import { sandboxInstrument } from '../../brokers/oanda/sandbox/instruments.js';
import type { SandboxEvent, SandboxTruth } from '../../brokers/oanda/sandbox/message.js';
import { serveSandbox } from '../../brokers/oanda/sandbox/server.js';
import { FaultyVenue } from '../../brokers/oanda/sandbox/venue.js';
import { DAY_MS } from '../../core/model/calendar/calendar.js';
import { isOpen } from '../../core/model/calendar/sessions.js';
import { instrumentOf } from '../../core/model/instruments.js';
import type { Clock } from '../../core/ports/clock.js';
import { simulatedPairs } from '../../feeds/simulated/market.js';
import { Prices } from './prices.js';

export interface StandInOptions {
  readonly clock: Clock;
  readonly seed: string;
  readonly faults: FaultScript;
  readonly port: number;
  /** Default: the one that pages speak of. */
  readonly account?: string;
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
  /** Something that no request of ours makes happen: a person at the broker's own screen, a halted market. */
  happen(event: SandboxEvent): void;
  /** Nobody listens any more, and every connection dies; the account stays as it is. */
  cut(): Promise<void>;
  /** It listens again, where it did. */
  mend(): Promise<void>;
  close(): Promise<void>;
}

const ACCOUNT = '101-004-1000001-001';
const TOKEN = 'fxtrade-sandbox';
const CURRENCY = 'USD';
const CAPITAL = 100_000;
/** On a weekend the market of three days before is played: somebody who wants to rehearse has the time then. */
const WEEKEND_SHIFT_MS = 3 * DAY_MS;

/** Starts the stand-in of OANDA on the simulated market, in real time, on this machine only. */
export async function startStandIn(options: StandInOptions): Promise<StandIn> {
  const { clock, seed, faults, port, account = ACCOUNT } = options;
  const now = clock.now();
  const shiftedMs = isOpen('fx', now) ? 0 : WEEKEND_SHIFT_MS;
  const known = simulatedPairs.map((symbol) => instrumentOf(symbol, {}, CURRENCY));
  const prices = new Prices(known, seed, shiftedMs, now);
  const sandbox = new OandaSandbox({
    accounts: [{ id: account, currency: CURRENCY, balance: CAPITAL, alias: 'Sandbox' }],
    instruments: known.map((one) => sandboxInstrument(one)),
    seed,
    start: now,
    settings: { token: TOKEN },
    history: (name, granularityMs, from, to) => prices.history(name, granularityMs, from, to),
  });
  const venue = new FaultyVenue(sandbox, new FaultPlan(faults, seed));
  for (const update of prices.at(now)) venue.price(update, now);
  const serve = (on: number) => serveSandbox({ venue, clock, port: on, tickMs: 250, prices: (at) => prices.at(at) });
  let server = await serve(port);
  return {
    url: server.url,
    port: server.port,
    exports: {
      BROKER_TYPE: 'oanda',
      OANDA_ENV: 'practice',
      OANDA_BASE_URL: server.url,
      OANDA_STREAM_URL: server.url,
      OANDA_TOKEN: TOKEN,
      OANDA_ACCOUNT_ID: account,
    },
    instruments: known.map((one) => one.id),
    shiftedMs,
    truth: () => sandbox.truth(),
    happen: (event) => sandbox.happen(event, clock.now()),
    cut: () => server.close(),
    async mend() {
      server = await serve(server.port);
    },
    close: () => server.close(),
  };
}
