import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FaultScript } from '../../src/brokers/oanda/sandbox/faults.js';
import { startStandIn } from '../../src/commands/drill/stand-in.js';
import { openVenueWithKeys } from '../../src/commands/runtime/venues.js';
import type { Recorded } from '../../src/commands/session/book.js';
import type { RunRequest } from '../../src/commands/session/inputs/request.js';
import { live, reconcileBook } from '../../src/commands/session/live/live.js';
import { FxError } from '../../src/core/base/errors.js';
import { seededRng } from '../../src/core/base/rng.js';
import { loadSettings } from '../../src/core/config/settings.js';
import { systemStopwatch } from '../../src/core/ports/clock.js';
import { wait } from '../../src/core/ports/wait.js';
import type { FeedInUse } from '../../src/feeds/live/live-prices.js';
import { journalOf, NO_FAULTS, TURNER } from './live-desk.js';
import { ACCOUNT } from './oanda-sandbox.js';

/** A Wednesday, in the middle of a minute. */
const BEGIN = Date.UTC(2026, 10, 18, 14, 0, 20);

export interface Cycle {
  readonly sets?: readonly string[];
  /** Default: the cycle before this one's. */
  readonly strategy?: string;
  readonly version?: string;
  /** A file of headlines. */
  readonly news?: string;
  /** A strategy of the program's own, and its parameters. */
  readonly builtIn?: string;
  readonly params?: RunRequest['params'];
  /** A vendor that the broker's prices are compared with. */
  readonly second?: FeedInUse;
  /** Sees everything that is recorded, right after it was; what it throws ends the session there and then, like a crash. */
  onRecord?(what: Recorded): void;
}

export interface Cycled {
  /** Code of the error that it ended with; undefined when it ended well. */
  readonly code: string | undefined;
  readonly error: FxError | undefined;
  readonly events: readonly { readonly kind: string; readonly fields: Readonly<Record<string, unknown>> }[];
}

/** What `onRecord` throws to have a session die where it stands. */
export class Crash extends Error {}

/**
 * A real session of this very process at the stand-in over loopback, one cycle at a time, with time that can be let pass: what
 * a session waits for passes at once.
 */
export async function liveInside(faults: FaultScript = NO_FAULTS, text = TURNER) {
  const real = systemStopwatch();
  const begun = real.mono();
  let skipped = 0;
  const stopwatch = { mono: () => real.mono() - begun + skipped };
  const clock = { now: () => Math.floor(BEGIN + stopwatch.mono()), observe: () => undefined };
  const standIn = await startStandIn({ clock, seed: '1', faults, port: 0, account: ACCOUNT });
  const home = mkdtempSync(join(tmpdir(), 'fxtrade-live-'));
  const folder = mkdtempSync(join(tmpdir(), 'fxtrade-strategy-'));
  const strategy = join(folder, 'turner.ts');
  const account = standIn.exports['OANDA_ACCOUNT_ID'] ?? '';
  const env = standIn.exports;
  writeFileSync(strategy, text);
  const request: RunRequest = {
    mode: 'live',
    home,
    cwd: folder,
    strategy,
    params: {},
    data: [],
    rates: undefined,
    instruments: ['EUR/USD'],
    from: undefined,
    to: undefined,
    timeframe: '1m',
    format: undefined,
    timeLabel: undefined,
    timeZone: undefined,
    priceScale: undefined,
    capital: undefined,
    currency: undefined,
    costs: 'default',
    fill: 'next-open',
    intrabar: 'pessimistic',
    benchmark: undefined,
    seed: 1,
    out: undefined,
    equity: 'bar',
  };
  const session = async (cycle: Cycle, adopt?: { readonly who: string; readonly reason: string }): Promise<Cycled> => {
    if (cycle.strategy !== undefined) {
      writeFileSync(strategy, cycle.strategy);
      // A program of its own would load it anew; this one has it in its memory.
      delete createRequire(import.meta.url).cache[strategy];
    }
    const sets = ['approval.required=false', 'risk.maxQuoteAge.market=10m', ...(cycle.sets ?? [])];
    const events: { kind: string; fields: Readonly<Record<string, unknown>> }[] = [];
    const venue = await openVenueWithKeys('oanda', { home, cwd: folder, env }, clock);
    const options = {
      book: undefined,
      venue,
      account,
      once: true,
      durationMs: undefined,
      shadow: false,
      overrides: [],
      clock,
      stopwatch,
      pause: async (ms: number) => {
        skipped += ms;
        await new Promise(setImmediate);
      },
      ...(cycle.second && { second: { feed: cycle.second, wait, rng: seededRng('second') } }),
      onRecord: (_: number, what: Recorded) => cycle.onRecord?.(what),
      onEvent: (kind: string, fields: Readonly<Record<string, unknown>>) => void events.push({ kind, fields }),
    };
    const host = {
      settings: loadSettings({ home, cwd: folder, env: {}, sets }),
      version: cycle.version ?? '0.0.0',
      startedAt: clock.now(),
      signal: new AbortController().signal,
      note: () => undefined,
    };
    try {
      const { news, params = request.params } = cycle;
      const asked = {
        ...request,
        params,
        strategy: cycle.builtIn ?? strategy,
        ...(news === undefined ? {} : { news }),
      };
      await (adopt === undefined ? live(asked, options, host) : reconcileBook(asked, options, host, adopt));
      return { code: undefined, error: undefined, events };
    } catch (error) {
      if (error instanceof Crash) return { code: 'crash', error: undefined, events };
      if (!(error instanceof FxError)) throw error;
      return { code: error.code, error, events };
    } finally {
      venue.close();
    }
  };
  return {
    standIn,
    clock,
    account,
    home,
    folder: join(home, 'books', `live-${account}`),
    /** One decision cycle, as `live --once`. */
    once: (cycle: Cycle = {}) => session(cycle),
    /** What `resume --adopt` does with the book. */
    adopt: (cycle: Cycle = {}) => session(cycle, { who: 'a person', reason: 'looked' }),
    pass(ms: number): void {
      skipped += ms;
    },
    journal: () => journalOf(join(home, 'books', `live-${account}`)),
    async close() {
      await standIn.close();
      for (const one of [home, folder]) rmSync(one, { recursive: true, force: true });
    },
  };
}
