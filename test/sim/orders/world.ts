import { OandaSandbox } from '../../../src/brokers/oanda/sandbox/account.js';
import { sandboxInstrument } from '../../../src/brokers/oanda/sandbox/instruments.js';
import { FaultyVenue } from '../../../src/brokers/oanda/sandbox/venue.js';
import { oandaVenue } from '../../../src/brokers/oanda/venue.js';
import { type Rng, seededRng } from '../../../src/core/base/rng.js';
import type { InstrumentId } from '../../../src/core/model/ids.js';
import { instrumentOf } from '../../../src/core/model/instruments.js';
import type { OrderIntent } from '../../../src/core/model/order.js';
import type { Venue } from '../../../src/core/ports/venue.js';
import type { FileCalls } from '../../../src/core/state/file-calls.js';
import { readHalts } from '../../../src/core/state/halt-file.js';
import { recordResume, removeHalts } from '../../../src/core/state/lift-halt.js';
import { rateLimited } from '../../../src/wire/rate-limit.js';
import { retrying } from '../../../src/wire/retry.js';
import { VirtualDisk } from '../world/disk.js';
import { Network } from '../world/network.js';
import { Killed, SimLock, SimProcess } from '../world/process.js';
import { Scheduler } from '../world/scheduler.js';
import { Swarm } from '../world/swarm.js';
import type { Actor, MakeActor } from './actor.js';
import { type Checkers, ordersCheckers } from './checkers.js';
import { runHalt } from './halter.js';
import { ACCOUNT, BOOK, CANARY, HOME, MIDS, WEEK_MIDS } from './places.js';
import { Trader } from './trader.js';
import { isWeekendAt, nextPrices, pauseIn, weekPrice, weekStart } from './week.js';

/** Prices before the book begins. */
const PAST_MS = 180_000;
/** How long there is trouble, ms: at least, and more by chance. A halt needs time to meet an order. */
const SHORT_TROUBLE = [15_000, 35_000] as const;
export const LONG_TROUBLE = [20_000, 50_000] as const;
const HEARTBEAT_MS = 9_000;
/** A stream of a week is silent for longer, and its silence is borne: heartbeats would be nearly all that happens. */
const WEEK_STRETCH = 200;
/** Faults of a week, of the usual: a session that is down most of the time trades nothing. */
const WEEK_FAULTS = 0.25;
/** Without trouble, at the end of every seed: all that was begun is settled within this. */
const QUIET_MS = 600_000;
/** Longer than anything that was sent is on its way. A seed whose book is settled then may end. */
const SETTLED_MS = 45_000;
/** How often it is looked whether a seed may end. */
const LOOK_MS = 5_000;

export interface WorldOptions {
  readonly seed: number | string;
  readonly trace?: boolean;
  /** At least one halt, as soon as an order is on its way. */
  readonly halting?: boolean;
  /** Units of one instrument that may be held, all that may come counted; none where limits are not in units. */
  readonly mostUnits?: number;
  /** Times equity that may be held in all, everything that may come counted; none where limits are in units. */
  readonly mostGross?: number;
  /** Faults that are on whatever the seed says. */
  readonly always?: readonly string[];
  /** A person is asked before an entry leaves. */
  readonly asks?: boolean;
  /** Seven days with a weekend: bars of an hour, and looks around their closes; trouble all the time. */
  readonly week?: boolean;
  /** The whole of the ten minutes without trouble are played, also when everything is settled before. */
  readonly wholeQuiet?: boolean;
  /** How long there is trouble, ms: at least, and more by chance. */
  readonly trouble?: readonly [number, number];
}

const aTrader: MakeActor = (world, process, files, venue) => new Trader(world, process, files, venue);

/** One machine, one account, one book, one seed. */
export class OrderWorld {
  readonly seed: number | string;
  readonly scheduler: Scheduler;
  readonly disk = new VirtualDisk();
  readonly swarm: Swarm;
  readonly sandbox: OandaSandbox;
  readonly faulty: FaultyVenue;
  readonly network: Network;
  readonly fence = new SimLock();
  readonly checkers: Checkers;
  /** Told of everything that a session records or says, in the moment in which it does. */
  heard: (kind: string, fields: object) => void = () => undefined;
  /** Everything that was said to a person. */
  readonly output: string[] = [];
  readonly intents = new Map<string, OrderIntent>();
  /** Client ids of the orders to which a person has said yes, where one is asked. */
  readonly yeses = new Set<string>();
  /** How long the venue keeps a client id from being used again: half of the seeds for ever, half while its order works. */
  readonly clientIds: 'for-ever' | 'pending';
  trader: Actor | undefined;
  orderCount = 0;
  isQuiet = false;
  haltsInFlight = 0;
  readonly options: WorldOptions;
  /** Mid prices around which the market moves. */
  readonly mids: Readonly<Record<string, number>>;
  readonly #make: MakeActor;
  readonly #rng: Rng;
  readonly #bits: Rng;
  #clockOffset = 0;
  #boots = 0;
  #halting = false;
  #isResuming = false;
  #quietUntil = Number.POSITIVE_INFINITY;

  constructor(options: WorldOptions, make: MakeActor = aTrader) {
    this.#make = make;
    const { seed } = options;
    this.options = options;
    this.seed = seed;
    this.#rng = seededRng(`world ${seed}`);
    this.#bits = seededRng(`bits ${seed}`);
    this.mids = options.week === true ? WEEK_MIDS : MIDS;
    // Some runs cross 17:00 in New York, where interest is booked.
    const day = this.#rng.next() < 0.2 ? Date.UTC(2024, 0, 10, 21, 59) : Date.UTC(2024, 0, 10, 15);
    const start = options.week === true ? weekStart(this.#rng) : day;
    this.scheduler = new Scheduler(start, seed, options.trace);
    this.clientIds = this.#rng.next() < 0.5 ? 'for-ever' : 'pending';
    this.swarm = new Swarm(
      seed,
      this.clientIds === 'for-ever',
      options.always,
      options.week === true ? WEEK_FAULTS : 1,
    );
    const stretch = options.week === true ? WEEK_STRETCH : 1;
    this.sandbox = new OandaSandbox({
      accounts: [{ id: ACCOUNT, currency: 'USD', balance: 1_000_000 }],
      instruments: Object.keys(this.mids).map((name) =>
        sandboxInstrument(instrumentOf(name.replace('_', '/'), {}, 'USD')),
      ),
      seed,
      start: start - PAST_MS,
      settings: {
        token: CANARY,
        clientIds: this.clientIds,
        requestsPerSecond: 1_000,
        heartbeatMs: HEARTBEAT_MS * stretch,
      },
    });
    this.faulty = new FaultyVenue(this.sandbox, this.swarm);
    this.network = new Network(this.scheduler, this.faulty, this.swarm, seed, stretch);
    this.disk.folder(BOOK);
    this.checkers = ordersCheckers(this);
    this.network.onLeave = (request) => this.checkers.leaves(request);
  }

  /** Sessions that were started. */
  get starts(): number {
    return this.#boots;
  }

  /** The clock on the wall, which somebody may set. */
  wall(): number {
    return this.scheduler.now + this.#clockOffset;
  }

  /** Somebody sets the clock on the wall: so far from the true time, ms. */
  setClock(offsetMs: number): void {
    this.#clockOffset = offsetMs;
    this.scheduler.note(`the clock is off by ${offsetMs}`);
  }

  randomBits(): Uint8Array {
    return Uint8Array.from({ length: 10 }, () => Math.floor(this.#bits.next() * 256));
  }

  /** Plays the seed to its end: trouble, then ten minutes without any. Throws at the first rule that is broken. */
  async play(): Promise<void> {
    const { scheduler } = this;
    // A past, for whoever learns from bars.
    for (let at = scheduler.now - PAST_MS; at < scheduler.now; at += 20_000) this.#prices(at);
    this.#prices(scheduler.now);
    this.#boot();
    if (this.options.week === true) this.#hour();
    else scheduler.in(500, 'world', () => this.#stir());
    scheduler.in(
      this.#halts() ? 3_000 + this.#rng.next() * ((this.options.trouble?.[0] ?? 0) + 25_000) : 1e9,
      'halt',
      () => this.#halt(),
    );
    const [least, more] = this.options.trouble ?? (this.options.halting === true ? LONG_TROUBLE : SHORT_TROUBLE);
    const troubled = scheduler.now + least + Math.floor(this.#rng.next() * more);
    await this.#run(troubled);
    this.isQuiet = true;
    this.swarm.isOver = true;
    scheduler.note('quiet');
    this.#clockOffset = 0;
    if (!this.#halting) this.#lift();
    for (const name of Object.keys(this.mids)) this.#haltMarket(name, false);
    this.#quietUntil = scheduler.now + QUIET_MS;
    if (this.options.week === true) this.#stir();
    let lookAt = this.#playsAll() ? Number.POSITIVE_INFINITY : scheduler.now + SETTLED_MS;
    await this.#run(this.#quietUntil, () => {
      if (scheduler.now < lookAt) return false;
      lookAt = scheduler.now + LOOK_MS;
      return this.#isSettled();
    });
    this.checkers.atEnd();
  }

  /** One seed in ten goes on to its end whatever is settled: what comes late is seen there. */
  #playsAll(): boolean {
    const { seed } = this;
    return this.options.wholeQuiet === true || typeof seed !== 'number' || seed % 10 === 0;
  }

  /** Nothing is on its way or in doubt, and the book was compared since the trouble ended. */
  #isSettled(): boolean {
    const { trader, network, faulty } = this;
    if (trader?.process.isAlive !== true || !trader.isReady || trader.breaks.length > 0) return false;
    if (network.onTheWay > 0 || faulty.nextAt < Number.POSITIVE_INFINITY) return false;
    return this.checkers.isSettled(trader, this.#quietUntil - QUIET_MS);
  }

  venueOf(process: SimProcess): Venue {
    const clock = { now: () => this.wall(), observe: () => undefined };
    const limit = { perSecond: 100, burst: 50, reservedShare: 0.3 };
    const paced = rateLimited(this.network.http(process), limit, {
      mono: () => this.scheduler.now,
      wait: process.wait,
    });
    const rng = seededRng(`retries ${this.seed} ${process.name}`);
    const host = 'http://127.0.0.1:1';
    return oandaVenue({
      http: retrying(paced, { clock, wait: process.wait, rng }),
      token: CANARY,
      accountId: ACCOUNT,
      environment: 'practice',
      hosts: { rest: host, stream: host },
      clock,
    });
  }

  /** The disk as one process has it: it may die in any call, and the disk may refuse one. */
  filesOf(process: SimProcess): FileCalls {
    return this.disk.calls((call, bytes) => {
      if (!process.isAlive) throw new Killed();
      if (process.callsLeft-- <= 0) {
        this.swarm.count('kill-in-call');
        process.kill(`killed in ${call}`);
        throw new Killed();
      }
      if (call === 'read' || call === 'lstat' || call === 'stat' || call === 'readFile') return undefined;
      if (call !== 'close' && this.swarm.strikes('disk-error', 0.02)) {
        const code = this.#rng.next() < 0.5 ? 'EIO' : 'ENOSPC';
        this.scheduler.note(`${call} fails: ${code}`);
        throw Object.assign(new Error(`${code}: made to fail`), { code, errno: -5 });
      }
      if (bytes > 1 && this.swarm.strikes('short-write', 0.3)) return 1 + Math.floor(this.#rng.next() * (bytes - 1));
      return undefined;
    });
  }

  anIntent(rng: Rng, symbols: readonly InstrumentId[]): OrderIntent {
    const instrument = symbols[Math.floor(rng.next() * symbols.length)] ?? symbols[0];
    if (instrument === undefined) throw new Error('an instrument');
    const side = rng.next() < 0.5 ? 'buy' : 'sell';
    const sign = side === 'buy' ? 1 : -1;
    const mid = MIDS[instrument.replace('/', '_') as keyof typeof MIDS];
    const at = (bps: number): number => Number((mid * (1 + (sign * bps) / 10_000)).toFixed(5));
    const base = {
      instrument,
      side,
      units: 1_000 + Math.floor(rng.next() * 40) * 1_000,
      reduceOnly: rng.next() < 0.15,
      reason: 'a seed',
    } as const;
    const kind = rng.next();
    const bracket = !base.reduceOnly && rng.next() < 0.4 ? { stopLoss: at(-30), takeProfit: at(30) } : {};
    if (kind < 0.5) return { ...base, ...bracket, type: 'market', timeInForce: rng.next() < 0.4 ? 'IOC' : 'FOK' };
    const gtd = { timeInForce: 'GTD', expiresAt: this.wall() + 10_000 + Math.floor(rng.next() * 60_000) } as const;
    const time = rng.next() < 0.4 ? gtd : ({ timeInForce: 'GTC' } as const);
    if (kind < 0.8) return { ...base, ...bracket, ...time, type: 'limit', price: at(-rng.next() * 6) };
    return { ...base, ...bracket, ...time, type: 'stop', stopPrice: at(rng.next() * 6) };
  }

  /** A person looks at the broker's own screen once nothing can arrive any more. */
  askPerson(trader: Actor, clientId: string): void {
    trader.process.in(60_000, 'person looks', () => {
      const there = this.sandbox.truth().orders.some((one) => one.clientId === clientId && one.state !== 'REFUSED');
      if (!there) trader.settleByPerson(clientId);
    });
  }

  compared(actor: Actor, cash: number): void {
    this.checkers.atReconcile(actor, cash);
  }

  /** Restarts whoever died, after a while. */
  restartSoon(): void {
    this.scheduler.in(500 + this.#rng.next() * 8_000, 'restart', () => this.#boot());
  }

  async #run(until: number, isEnough = () => false): Promise<void> {
    await this.scheduler.run(
      until,
      () => this.faulty.advance(this.scheduler.now),
      (what) => {
        this.checkers.after(what);
        return isEnough();
      },
    );
  }

  #boot(): void {
    if (this.trader?.process.isAlive === true) return;
    const process = new SimProcess(`trader${++this.#boots}`, this.scheduler);
    process.onDeath(() => this.restartSoon());
    if (this.swarm.strikes('kill-in-call')) {
      process.callsLeft = Math.floor(this.#rng.next() * 400);
      this.swarm.counts['kill-in-call'] = (this.swarm.counts['kill-in-call'] ?? 1) - 1;
    }
    try {
      const trader = this.#make(this, process, this.filesOf(process), this.venueOf(process));
      this.trader = trader;
      void trader.run();
    } catch (error) {
      this.checkers.failedStart(process, error);
      process.kill('could not start');
    }
  }

  /** Prices move, and what can go wrong does. */
  #stir(): void {
    // The last word is the reader's: what fills in the last minute nobody could have heard of.
    if (this.scheduler.now > this.#quietUntil - 60_000) return;
    this.#prices(this.scheduler.now);
    this.scheduler.in(this.isQuiet ? 120_000 : 2_000, 'world', () => this.#stir());
    if (!this.isQuiet) this.#trouble();
  }

  /** An hour of a week: prices come around its close, and something may go wrong there. */
  #hour(): void {
    if (this.isQuiet) return;
    const { scheduler } = this;
    const moments = nextPrices(scheduler.now);
    const isClosed = isWeekendAt(moments[0] ?? scheduler.now);
    for (const name of Object.keys(this.mids)) {
      if (isClosed !== this.#isClosed) this.#haltMarket(name, isClosed);
      this.#levels.set(name, this.#rng.next() - 0.5);
    }
    this.#isClosed = isClosed;
    for (const at of moments) {
      const isLast = at === moments.at(-1);
      scheduler.in(at - scheduler.now, 'world', () => {
        if (!isClosed && !this.isQuiet) this.#prices(scheduler.now);
        if (isLast) this.#hour();
      });
    }
    const close = moments[2] ?? scheduler.now;
    scheduler.in(close - scheduler.now + this.#rng.next() * 20_000, 'world', () => {
      if (!this.isQuiet) this.#trouble();
    });
  }

  /** How long a session that would wait so long waits. */
  pauseOf(ms: number): number {
    return this.options.week === true && !this.isQuiet && ms === 1_000 ? pauseIn(this.scheduler.now, ms) : ms;
  }

  readonly #levels = new Map<string, number>();
  #isClosed = false;

  /** What can go wrong besides the network. */
  #trouble(): void {
    const { swarm } = this;
    const often = this.options.week === true ? 2 : 0.2;
    if (swarm.strikes('kill', often)) this.trader?.process.kill('kill -9');
    if (swarm.strikes('power-loss', often)) this.#losePower();
    if (swarm.strikes('clock-jump', often)) {
      const jumps = [3_600_000, -3_600_000, 40_000, -40_000, 3_000];
      this.setClock(this.#clockOffset + (jumps[Math.floor(this.#rng.next() * jumps.length)] ?? 0));
    }
    if (swarm.strikes('market-halt', often)) {
      const name = Object.keys(this.mids)[this.#rng.next() < 0.5 ? 0 : 1] ?? '';
      this.#haltMarket(name, true);
      this.scheduler.in(this.#rng.next() * 20_000, 'market opens', () => this.#haltMarket(name, this.#isClosed));
    }
    if (swarm.strikes('transfer', often)) {
      const amount = Math.round(this.#rng.next() * 1_000_000) / 100;
      this.sandbox.happen({ kind: 'transfer', amount }, this.scheduler.now);
    }
  }

  #losePower(): void {
    for (const process of this.#processes) process.kill('the power is gone');
    this.trader?.process.kill('the power is gone');
    this.disk.losePower(this.#rng);
  }

  readonly #processes = new Set<SimProcess>();

  #halts(): boolean {
    return this.options.halting === true || this.swarm.strikes('halt', 3);
  }

  #halt(): void {
    // Where the seed wants a halt while an order is on its way, it waits for one.
    const inFlight = this.trader?.orders?.inDoubt().length ?? 0;
    if (this.options.halting === true && inFlight === 0 && !this.isQuiet && this.#rng.next() < 0.97) {
      this.scheduler.in(20 + this.#rng.next() * 60, 'halt', () => this.#halt());
      return;
    }
    if (inFlight > 0) this.haltsInFlight++;
    if (this.options.halting === true) this.swarm.count('halt');
    const process = new SimProcess('halt', this.scheduler);
    this.#processes.add(process);
    this.#halting = true;
    const lift = (): void => {
      process.kill('done');
      this.#halting = false;
      this.scheduler.in(20_000 + this.#rng.next() * 20_000, 'resume', () => this.#lift());
    };
    void runHalt(this, process, this.filesOf(process)).then((proven) => {
      this.checkers.halted(proven);
      lift();
    });
    process.onDeath(() => {
      if (this.#halting) this.scheduler.in(30_000, 'resume', () => this.#lift());
    });
  }

  /** A person looks into the reason of a halt, and lifts it. */
  resumeSoon(): void {
    if (this.#isResuming || this.#halting) return;
    this.#isResuming = true;
    this.scheduler.in(15_000, 'resume', () => this.#lift());
  }

  #lift(): void {
    this.#isResuming = false;
    this.#halting = false;
    this.checkers.lifted();
    const process = new SimProcess('resume', this.scheduler);
    const files = this.disk.calls(() => (process.isAlive ? undefined : 0));
    const time = new Date(this.wall()).toISOString();
    const halts = readHalts(HOME, files);
    if (halts.length === 0) return;
    recordResume(HOME, { time, who: 'a person', reason: 'a seed', scope: 'all', halts }, files);
    removeHalts(HOME, 'all', files);
  }

  #prices(at: number): void {
    for (const [name, mid] of Object.entries(this.mids)) this.#price(name, mid, at);
  }

  #price(instrument: string, middle: number, at: number): void {
    const level = this.#levels.get(instrument);
    const mid =
      level === undefined ? middle * (1 + (this.#rng.next() - 0.5) * 0.002) : weekPrice(middle, level, this.#rng);
    const [digits, spread] = middle > 20 ? [3, 0.01] : [5, 0.0001];
    const bid = Number(mid.toFixed(digits));
    this.faulty.price({ instrument, bid, ask: Number((bid + spread).toFixed(digits)) }, at);
  }

  #haltMarket(instrument: string, halted: boolean): void {
    this.sandbox.happen({ kind: 'halt', instrument, halted }, this.scheduler.now);
  }
}
