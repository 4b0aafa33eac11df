import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Recorded } from '../../src/commands/session/book.js';
import type { RunRequest } from '../../src/commands/session/inputs/request.js';
import { realtime } from '../../src/commands/session/realtime/realtime.js';
import type { RealtimeEnd } from '../../src/commands/session/realtime/session.js';
import { loadSettings } from '../../src/core/config/settings.js';
import type { EpochMs } from '../../src/core/model/ids.js';

/** Always long, most of its equity: it loses with the price. Knows nothing that a restart could lose. */
const HOLDER = `import { defineStrategy } from 'fxtrade';
export default defineStrategy({
  name: 'holder',
  params: {},
  create: ({ instruments }) => ({
    onSlice: (view) => (view.units(instruments[0].id) === 0 && !view.pending(instruments[0].id)
      ? { kind: 'target', instrument: instruments[0].id, weight: 0.9, reason: 'hold' }
      : undefined),
    save: () => null,
    load: () => undefined,
  }),
});
`;

/** In and out again and again. Without `save` and `load` a restart plays every bar again. */
const FORGETFUL = `import { defineStrategy } from 'fxtrade';
export default defineStrategy({
  name: 'forgetful',
  params: {},
  create: ({ instruments: [{ id: instrument }] }) => ({
    onSlice: (view) => ({ kind: 'target', instrument, weight: view.units(instrument) === 0 ? 0.5 : 0, reason: 'turn' }),
  }),
});
`;

/** Limits that let the holder hold. */
export const ROOM = [
  'risk.maxNewPositionsPerDay=1000',
  'risk.maxConsecutiveLosses=null',
  'risk.maxPositionBps=10000',
  'risk.maxCurrencyNetBps=null',
  'risk.maxCorrelatedGroupBps=null',
  'risk.perTradeRiskBps=null',
  'risk.minCashReserveBps=null',
  'risk.var95DayBps=null',
  'risk.es95DayBps=null',
  'risk.perPositionStopBps=null',
  'risk.dailyLossBps=null',
];

export interface Told {
  readonly kind: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface PlayedSession extends RealtimeEnd {
  readonly told: readonly Told[];
  readonly records: readonly Recorded[];
}

export interface SessionPlan {
  readonly home: string;
  /** Moments at which the session looks at its clock; after the last one it is told to stop. */
  readonly looks: readonly EpochMs[];
  readonly once?: boolean;
  readonly sets?: readonly string[];
  readonly strategy?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly book?: string;
  /** A file of headlines. */
  readonly news?: string;
  /** Before each look but the first. */
  readonly between?: (look: number) => unknown;
  readonly onRecord?: (what: Recorded) => void;
}

export function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'fxtrade-paper-'));
  writeFileSync(join(home, 'holder.mjs'), HOLDER);
  writeFileSync(join(home, 'forgetful.mjs'), FORGETFUL);
  return home;
}

/** The home as a kill at this very moment would leave it: what was only buffered is lost, and nobody holds the lock. */
export function asKilledNow(home: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'fxtrade-killed-'));
  cpSync(home, copy, { recursive: true });
  rmSync(join(copy, 'books', 'paper-default', 'lock'), { force: true, recursive: true });
  return copy;
}

/** A real-time paper session whose clock is moved by hand: hourly EUR/USD of the simulated market. */
export async function playSession(plan: SessionPlan): Promise<PlayedSession> {
  const { home, looks, book = 'default', strategy = join(home, 'holder.mjs') } = plan;
  const stop = new AbortController();
  const told: Told[] = [];
  const records: Recorded[] = [];
  let look = 0;
  const clock = { now: () => looks[look] ?? 0, observe: () => undefined };
  const pause = async () => {
    look++;
    if (look >= looks.length) {
      look = looks.length - 1;
      stop.abort('SIGTERM');
    } else await plan.between?.(look);
  };
  const sets = [...ROOM, ...(plan.sets ?? [])];
  const host = {
    settings: loadSettings({ home, cwd: home, env: {}, sets }),
    version: '0.0.0-test',
    startedAt: clock.now(),
    signal: stop.signal,
    note: () => undefined,
  };
  const options = {
    book,
    once: plan.once ?? false,
    durationMs: undefined,
    clock,
    pause,
    onRecord: (_: number, what: Recorded) => {
      records.push(what);
      plan.onRecord?.(what);
    },
    onEvent: (kind: string, fields: Readonly<Record<string, unknown>>) => void told.push({ kind, fields }),
  };
  const news = plan.news === undefined ? {} : { news: plan.news };
  const end = await realtime({ ...requestOf(home, strategy, plan.params ?? {}), ...news }, options, host);
  return { ...end, told, records };
}

export function requestOf(home: string, strategy: string, params: RunRequest['params']): RunRequest {
  return {
    mode: 'paper',
    home,
    cwd: home,
    strategy,
    params,
    data: [],
    rates: undefined,
    instruments: ['EUR/USD'],
    from: undefined,
    to: undefined,
    timeframe: '1h',
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
}
