import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FaultScript } from '../../src/brokers/oanda/sandbox/faults.js';
import { type QuickStandIn, quickStandIn, SYMBOLS, type VenueOptions } from './quick-venue.js';
import { RESTLESS } from './restless.js';
import { SHIFTED_CLOCK } from './shifted-clock.js';

/** Limits out of the way of thousands of orders; what guards an order on its way (age and distance of prices, spreads, stops) stays on. */
const SETTINGS = {
  approval: { required: false },
  sizing: { method: 'fixed-units', units: 1000 },
  risk: {
    perTradeRiskBps: null,
    maxNetLeverage: null,
    maxNewPositionsPerDay: null,
    maxCurrencyNetBps: null,
    maxSectorBps: null,
    maxCorrelatedGroupBps: null,
    dailyLossBps: null,
    maxConsecutiveLosses: null,
    weeklyLossBps: null,
    drawdownReduceBps: null,
    drawdownHaltBps: null,
    drawdownStopBps: null,
    var95DayBps: null,
    es95DayBps: null,
    maxOrdersPerMinute: null,
    maxRepeatedExecutions: null,
    duplicateWindow: '0s',
    // A machine that is shared by several tests is slow, and an old price stops an entry.
    maxQuoteAge: { market: '10s' },
  },
};

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of the program, and its end. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** All of its output so far. */
  said(): string;
}

/** What a session ended with, from the last line that it printed. */
export interface LastWord {
  readonly ok?: boolean;
  readonly data?: {
    readonly finalEquity?: number;
    readonly open?: readonly { instrument: string; side: string; units: number }[];
  };
  readonly error?: { readonly code: string; readonly message: string };
}

export function lastWord({ stdout }: Ended): LastWord {
  try {
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as LastWord;
  } catch {
    return {};
  }
}

/** A home, a strategy file and a venue of its own, and the program on them. */
export class Desk {
  readonly home = mkdtempSync(join(tmpdir(), 'fxtrade-blackbox-'));
  readonly venue: QuickStandIn;
  readonly book: string;
  /** What stands in `config.json`. */
  readonly settings: string;
  readonly #bin: string;
  #kept = false;
  readonly #folder = mkdtempSync(join(tmpdir(), 'fxtrade-strategy-'));

  private constructor(bin: string, venue: QuickStandIn, { currency }: VenueOptions) {
    this.#bin = bin;
    this.venue = venue;
    this.book = join(this.home, 'books', `live-${venue.account}`);
    mkdirSync(this.home, { recursive: true, mode: 0o700 });
    const account = currency === undefined ? {} : { account: { currency } };
    this.settings = JSON.stringify({ ...SETTINGS, ...account });
    writeFileSync(join(this.home, 'config.json'), this.settings, { mode: 0o600 });
    writeFileSync(join(this.#folder, 'restless.mjs'), RESTLESS);
    writeFileSync(join(this.#folder, 'shifted-clock.mjs'), SHIFTED_CLOCK);
  }

  static async open(bin: string, seed: string, faults: FaultScript, options: VenueOptions = {}): Promise<Desk> {
    return new Desk(bin, await quickStandIn(seed, faults, options), options);
  }

  /** Arguments of a session; `file`: a strategy of the program's own instead of the restless one. */
  session(more: readonly string[] = [], file = 'restless.mjs'): readonly string[] {
    const strategy = file.endsWith('.mjs') ? join(this.#folder, file) : file;
    const market = ['--instruments', SYMBOLS.join(','), '--timeframe', '1m'];
    return ['live', strategy, ...market, '--confirm', this.venue.account, '--json', ...more];
  }

  /** Starts the program; `under` is a program that runs it, such as a tracer. */
  start(args: readonly string[], under: readonly string[] = []): Running {
    const [program = process.execPath, ...rest] = [...under, process.execPath, this.#bin, '--home', this.home, ...args];
    const child = spawn(program, rest, {
      cwd: this.#folder,
      env: { ...process.env, ...this.venue.exports, ...this.#clock(), NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk.toString('utf8');
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk.toString('utf8');
    });
    const ended = new Promise<Ended>((done) => {
      child.on('close', (code, signal) => done({ code, signal, stdout, stderr }));
    });
    return { child, ended, said: () => stdout };
  }

  /** The program lives at the venue's time. */
  #clock(): Readonly<Record<string, string>> {
    const { shiftMs } = this.venue;
    if (shiftMs === 0) return {};
    const preload = pathToFileURL(join(this.#folder, 'shifted-clock.mjs')).href;
    return { NODE_OPTIONS: `--import=${preload}`, BLACKBOX_SHIFT_MS: String(shiftMs) };
  }

  run(args: readonly string[]): Promise<Ended> {
    return this.start(args).ended;
  }

  /** Leaves the home where it is, with what the venue knows beside it, for whoever looks into a failure. */
  keep(): string {
    this.#kept = true;
    writeFileSync(join(this.home, 'truth.json'), JSON.stringify(this.venue.truth()));
    return this.home;
  }

  async close(): Promise<void> {
    await this.venue.close();
    if (this.#kept) return;
    for (const folder of [this.home, this.#folder]) rmSync(folder, { recursive: true, force: true });
  }
}
