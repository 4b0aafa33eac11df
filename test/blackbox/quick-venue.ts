import { OandaSandbox } from '../../src/brokers/oanda/sandbox/account.js';
import { type Fault, FaultPlan, type FaultScript } from '../../src/brokers/oanda/sandbox/faults.js';
import { sandboxInstrument } from '../../src/brokers/oanda/sandbox/instruments.js';
import type {
  ClientIdRule,
  PriceUpdate,
  SandboxRequest,
  SandboxTruth,
} from '../../src/brokers/oanda/sandbox/message.js';
import { type Operation, operationOf } from '../../src/brokers/oanda/sandbox/routes.js';
import { serveSandbox } from '../../src/brokers/oanda/sandbox/server.js';
import { type Delivery, FaultyVenue } from '../../src/brokers/oanda/sandbox/venue.js';
import { type Rng, seededRng } from '../../src/core/base/rng.js';
import { instrumentOf } from '../../src/core/model/instruments.js';
import { type Clock, systemClock } from '../../src/core/ports/clock.js';

/*
 * The shortest bar of the program is a minute, and a test has minutes for thousands of orders. The program stays as it is sold
 * and so does its clock; it is the venue that tells other bars: candles of a minute that begin every half second, overlapping,
 * a little more than a minute after they closed. To the program each is a bar of a minute that closed since it last asked, so
 * a session that starts decides at once, and one that runs decides every two seconds, the pace at which it asks again.
 */
const STEP_MS = 500;
const LATE_MS = 62_000;
const BAR_MS = 60_000;
/** Bars from before the venue opened. */
const PAST = 300;
const CAPITAL = 100_000;
const TOKEN = 'blackbox-token-7Q4';

export const SYMBOLS = ['EUR/USD', 'GBP/USD', 'AUD/USD', 'NZD/USD', 'USD/JPY', 'USD/CHF', 'USD/CAD'] as const;
const LEVELS = [1.1, 1.3, 0.7, 0.6, 150, 0.9, 1.35] as const;
const SPREAD = 0.000_08;
/** Of the level, at most: prices come back, so that no limit is broken by a walk that went far. */
const PULL = 0.97;
const JUMP = 0.000_35;

/** Interest a year, long and short: as at a real venue, some sides earn. */
const RATES: Readonly<Record<string, readonly [number, number]>> = {
  'EUR/USD': [-0.024, 0.007],
  'GBP/USD': [-0.009, -0.006],
  'AUD/USD': [-0.011, -0.005],
  'NZD/USD': [-0.008, -0.007],
  'USD/JPY': [0.031, -0.048],
  'USD/CHF': [0.027, -0.045],
  'USD/CAD': [0.004, -0.021],
};

/** An order that reached the venue, as the wire saw it. */
export interface Arrived {
  readonly at: number;
  readonly clientId: string;
}

/** What went wrong, and how often. */
class CountedPlan extends FaultPlan {
  readonly counts = new Map<Fault['kind'], number>();
  isCalm = false;

  override next(operation: Operation): readonly Fault[] {
    if (this.isCalm) return [];
    // One at a time: two at once, such as lost and late, would make one request arrive twice, which no network does.
    const faults = super.next(operation).slice(0, 1);
    for (const fault of faults) {
      if (!isMended(fault)) this.counts.set(fault.kind, (this.counts.get(fault.kind) ?? 0) + 1);
    }
    return faults;
  }
}

/** The end of something that lasts is no fault. */
const isMended = (fault: Fault): boolean =>
  (fault.kind === 'halt' && !fault.halted) || (fault.kind === 'clock-skew' && fault.ms === 0);

/** One instrument's price at every step since the venue's past began. */
class Walk {
  readonly #steps: number[] = [];
  #away = 0;
  readonly #level: number;
  readonly #rng: Rng;

  constructor(level: number, seed: string) {
    this.#level = level;
    this.#rng = seededRng(seed);
  }

  at(step: number): number {
    while (this.#steps.length <= step) {
      this.#away = this.#away * PULL + (this.#rng.next() - 0.5) * JUMP;
      this.#steps.push(this.#level * (1 + this.#away));
    }
    return this.#steps[Math.max(0, step)] ?? this.#level;
  }
}

class QuickVenue extends FaultyVenue {
  /** Told of each order that arrives, before it is worked through. */
  onOrder: (order: Arrived) => void = () => undefined;
  readonly #walks: Walks;
  readonly #rng: Rng;

  constructor(sandbox: OandaSandbox, plan: FaultPlan, walks: Walks, seed: string) {
    super(sandbox, plan);
    this.#walks = walks;
    this.#rng = seededRng(`latency ${seed}`);
  }

  override request(request: SandboxRequest, now: number): Delivery {
    const operation = operationOf(request.method, request.path);
    if (operation === 'submit') this.onOrder({ at: now, clientId: clientIdOf(request.body) });
    const delivery = super.request(request, now);
    if (delivery.kind !== 'reply') return delivery;
    if (operation === 'candles') return this.#candles(request, delivery, now);
    if (operation !== 'submit') return delivery;
    // A venue on loopback answers sooner than any real one: without this an order is in flight for a millisecond only.
    return { ...delivery, afterMs: delivery.afterMs + Math.floor(2 + this.#rng.next() * 30) };
  }

  #candles(request: SandboxRequest, delivery: Extract<Delivery, { kind: 'reply' }>, now: number): Delivery {
    let told: Readonly<Record<string, unknown>>;
    try {
      told = JSON.parse(delivery.reply.body) as Readonly<Record<string, unknown>>;
    } catch {
      return delivery;
    }
    if (delivery.reply.status !== 200 || !Array.isArray(told['candles'])) return delivery;
    const from = Date.parse(new URL(request.path, 'http://venue').searchParams.get('from') ?? '');
    const candles = this.#walks.candles(String(told['instrument']), from, now);
    return { ...delivery, reply: { ...delivery.reply, body: JSON.stringify({ ...told, candles }) } };
  }
}

class Walks {
  readonly #walks: ReadonlyMap<string, Walk>;
  readonly #begin: number;
  readonly #digits: ReadonlyMap<string, number>;

  constructor(seed: string, now: number, digits: ReadonlyMap<string, number>) {
    this.#begin = now - LATE_MS - PAST * STEP_MS;
    this.#digits = digits;
    this.#walks = new Map(SYMBOLS.map((symbol, i) => [nameOf(symbol), new Walk(LEVELS[i] ?? 1, `${seed} ${symbol}`)]));
  }

  now(at: number): readonly PriceUpdate[] {
    const step = this.#step(at);
    return [...this.#walks].map(([instrument, walk]) => ({ instrument, ...this.#sides(instrument, walk.at(step)) }));
  }

  candles(name: string, from: number, now: number): readonly object[] {
    const walk = this.#walks.get(name);
    if (walk === undefined) return [];
    const first = Math.max(1, Math.ceil((from + BAR_MS - this.#begin) / STEP_MS));
    const candles: object[] = [];
    for (let step = first; step <= this.#step(now - LATE_MS) && candles.length < 5_000; step++) {
      const [open, close] = [walk.at(step - 1), walk.at(step)];
      const [o, c] = [this.#sides(name, open), this.#sides(name, close)];
      const side = (key: 'bid' | 'ask') => ({
        o: this.#text(name, o[key]),
        h: this.#text(name, Math.max(o[key], c[key])),
        l: this.#text(name, Math.min(o[key], c[key])),
        c: this.#text(name, c[key]),
      });
      const time = new Date(this.#begin + step * STEP_MS - BAR_MS).toISOString();
      candles.push({ complete: true, volume: 10, time, bid: side('bid'), ask: side('ask') });
    }
    return candles;
  }

  #step(at: number): number {
    return Math.floor((at - this.#begin) / STEP_MS);
  }

  #sides(name: string, mid: number): { readonly bid: number; readonly ask: number } {
    const grid = (price: number): number => Number(this.#text(name, price));
    return { bid: grid(mid * (1 - SPREAD / 2)), ask: grid(mid * (1 + SPREAD / 2)) };
  }

  #text(name: string, price: number): string {
    return price.toFixed(this.#digits.get(name) ?? 5);
  }
}

/** What differs from an account in dollars that lives now. */
export interface VenueOptions {
  /** What the clock of the venue and of the program shows at first; default the machine's own. */
  readonly start?: number;
  readonly currency?: string;
  /** Which client ids it refuses; default those of pending orders. */
  readonly clientIds?: ClientIdRule;
}

export interface QuickStandIn {
  readonly account: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly token: string;
  /** How far the clock of the venue is ahead of the machine's, ms. */
  readonly shiftMs: number;
  readonly faults: ReadonlyMap<string, number>;
  /** Every order that reached the venue over the wire, in order; one that the network lost is in it too. */
  readonly arrived: readonly Arrived[];
  onOrder(act: (order: Arrived) => void): void;
  truth(): SandboxTruth;
  byHand(instrument: string, units: number): void;
  /** From here on nothing goes wrong any more. */
  calm(): void;
  close(): Promise<void>;
}

let accounts = 0;

/** The stand-in with quick bars, on a port and with an account of its own. */
export async function quickStandIn(
  seed: string,
  faults: FaultScript,
  { start, currency = 'USD', clientIds = 'pending' }: VenueOptions = {},
): Promise<QuickStandIn> {
  const { now: wall } = systemClock();
  const shiftMs = start === undefined ? 0 : start - wall();
  const clock: Clock = { now: () => wall() + shiftMs, observe: () => undefined };
  const now = clock.now();
  // Locks of a machine know an account by its number: two tests at once must not meet.
  const account = `101-004-${String(process.pid % 10_000_000).padStart(7, '0')}-${String(++accounts % 1000).padStart(3, '0')}`;
  const instruments = SYMBOLS.map((symbol) => {
    const [longRate, shortRate] = RATES[symbol] ?? [0, 0];
    return sandboxInstrument(instrumentOf(symbol, {}, currency), { longRate, shortRate });
  });
  const sandbox = new OandaSandbox({
    accounts: [{ id: account, currency, balance: CAPITAL }],
    instruments,
    seed,
    start: now,
    settings: { token: TOKEN, requestsPerSecond: 1_000, heartbeatMs: 1_000, clientIds },
  });
  const digits = new Map(instruments.map(({ name, displayPrecision }) => [name, displayPrecision]));
  const walks = new Walks(seed, now, digits);
  const plan = new CountedPlan(faults, seed);
  const venue = new QuickVenue(sandbox, plan, walks, seed);
  const arrived: Arrived[] = [];
  let told: (order: Arrived) => void = () => undefined;
  venue.onOrder = (order) => {
    arrived.push(order);
    told(order);
  };
  for (const update of walks.now(now)) venue.price(update, now);
  const server = await serveSandbox({ venue, clock, tickMs: 100, prices: (at) => walks.now(at) });
  return {
    account,
    token: TOKEN,
    shiftMs,
    exports: {
      BROKER_TYPE: 'oanda',
      OANDA_ENV: 'practice',
      OANDA_BASE_URL: server.url,
      OANDA_STREAM_URL: server.url,
      OANDA_TOKEN: TOKEN,
      OANDA_ACCOUNT_ID: account,
    },
    faults: plan.counts,
    arrived,
    onOrder: (act) => {
      told = act;
    },
    truth: () => sandbox.truth(),
    byHand: (instrument, units) => sandbox.happen({ kind: 'trade-by-hand', instrument, units }, clock.now()),
    calm: () => {
      plan.isCalm = true;
      for (const { fault } of faults.rules) mend(sandbox, fault, clock.now());
    },
    close: () => server.close(),
  };
}

function mend(sandbox: OandaSandbox, fault: Fault, now: number): void {
  if (fault.kind === 'halt') sandbox.happen({ ...fault, halted: false }, now);
  if (fault.kind === 'clock-skew') sandbox.happen({ ...fault, ms: 0 }, now);
}

const nameOf = (symbol: string): string => symbol.replace('/', '_');

function clientIdOf(body: string | undefined): string {
  return /"clientExtensions":\{[^}]*?"id":"([^"]+)"/.exec(body ?? '')?.[1] ?? '';
}
