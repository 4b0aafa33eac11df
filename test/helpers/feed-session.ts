import { join } from 'node:path';
import type { Recorded } from '../../src/commands/session/book.js';
import type { HeadlineStream } from '../../src/commands/session/feed/headline-ear.js';
import type { OpenFeeds, SessionFeed } from '../../src/commands/session/feed/open-feeds.js';
import type { RunRequest } from '../../src/commands/session/inputs/request.js';
import { realtime } from '../../src/commands/session/realtime/realtime.js';
import { SessionRules } from '../../src/core/alerts/rules.js';
import { seededRng } from '../../src/core/base/rng.js';
import { loadSettings } from '../../src/core/config/settings.js';
import type { EpochMs } from '../../src/core/model/ids.js';
import type { Clock, Stopwatch, Wait } from '../../src/core/ports/clock.js';
import { type PlayedSession, ROOM, requestOf, type Told } from './paper-session.js';

const AWAKE_TURNS = 20;

/**
 * Time that goes on only while the session sleeps: the earliest sleeper wakes first, everybody gets several turns of the event
 * loop in between, and nothing really sleeps.
 */
export class SleepingTime implements Clock, Stopwatch {
  #now: EpochMs;
  readonly #start: EpochMs;
  readonly #sleepers: { readonly at: EpochMs; readonly wake: () => void }[] = [];
  #sleeping = false;
  #ended = false;

  /** The session looks at its clock so many times less often than it wants to: a whole day is long. */
  slow = 1;
  /** Something is on its way through a real socket: time waits for it. */
  isBusy: () => boolean = () => false;
  readonly #awakeTurns: number;

  /** `awakeTurns`: turns after which time goes on although the session is awake; it may be waiting for an answer. */
  constructor(start: EpochMs, awakeTurns = AWAKE_TURNS) {
    this.#now = start;
    this.#start = start;
    this.#awakeTurns = awakeTurns;
  }

  now = (): EpochMs => this.#now;
  mono = (): number => this.#now - this.#start;
  observe = (): void => undefined;

  readonly wait: Wait = (ms, signal) =>
    new Promise((wake) => {
      if (signal?.aborted === true || ms <= 0) {
        wake();
        return;
      }
      const end = (): void => {
        const place = this.#sleepers.indexOf(sleeper);
        if (place >= 0) this.#sleepers.splice(place, 1);
        signal?.removeEventListener('abort', end);
        wake();
      };
      const sleeper = { at: this.#now + ms, wake: end };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', end);
    });

  /** The session's own sleep: only while it lasts does time go on. */
  readonly pause = async (ms: number, signal: AbortSignal): Promise<void> => {
    this.#sleeping = true;
    await this.wait(ms * this.slow, signal);
    this.#sleeping = false;
  };

  /** Time goes on until the end is told. */
  async run(): Promise<void> {
    for (let awake = 0; !this.#ended; ) {
      await new Promise(setImmediate);
      if (this.isBusy()) {
        awake = 0;
        continue;
      }
      awake = this.#sleeping ? 0 : awake + 1;
      if (awake > 0 && awake < this.#awakeTurns) continue;
      awake = 0;
      const next = this.#sleepers.reduce((first, one) => (one.at < first.at ? one : first), {
        at: Number.POSITIVE_INFINITY,
        wake: () => undefined,
      });
      if (next.at === Number.POSITIVE_INFINITY) continue;
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
  }

  end(): void {
    this.#ended = true;
  }
}

export interface FeedPlan {
  readonly home: string;
  readonly time: SleepingTime;
  readonly feed: string;
  readonly main: SessionFeed;
  readonly fallback?: SessionFeed;
  readonly headlines?: HeadlineStream;
  readonly durationMs?: number;
  readonly once?: boolean;
  readonly sets?: readonly string[];
  readonly request?: Partial<RunRequest>;
  readonly signal?: AbortSignal;
  readonly onRecord?: (what: Recorded, ts: number) => void;
  readonly onEvent?: (told: Told) => void;
  readonly onNote?: (text: string) => void;
}

/** A paper session on a feed, in time that nobody waits for. */
export async function playOnFeed(plan: FeedPlan): Promise<PlayedSession> {
  const { home, time, feed, main, fallback, headlines, durationMs, once = false } = plan;
  const told: Told[] = [];
  const records: Recorded[] = [];
  const host = {
    settings: loadSettings({ home, cwd: home, env: {}, sets: [...ROOM, ...(plan.sets ?? [])] }),
    version: '0.0.0-test',
    startedAt: time.now(),
    signal: plan.signal ?? new AbortController().signal,
    note: plan.onNote ?? (() => undefined),
  };
  const feeds: OpenFeeds = {
    main,
    ...(fallback === undefined ? {} : { fallback }),
    ...(headlines === undefined ? {} : { headlines }),
    stopwatch: time,
    wait: time.wait,
    rng: seededRng('feed session'),
    close: () => undefined,
  };
  const options = {
    ...{ book: 'default', once, durationMs, clock: time, pause: time.pause, feeds },
    onRecord: (ts: number, what: Recorded) => {
      records.push(what);
      plan.onRecord?.(what, ts);
    },
    onEvent: (kind: string, fields: Readonly<Record<string, unknown>>) => {
      told.push({ kind, fields });
      plan.onEvent?.({ kind, fields });
    },
  };
  const request = { ...requestOf(home, join(home, 'holder.mjs'), {}), feed, ...plan.request };
  const running = time.run();
  try {
    const end = await realtime(request, options, host);
    return { ...end, told, records };
  } finally {
    time.end();
    await running;
  }
}

/** What turns the events of a session into what people are told; no limit of equity is near. */
export function alertRules(now: EpochMs): SessionRules {
  return new SessionRules({
    ...{ source: 'paper default', settings: { nearBps: 8_000, summaryMinute: null }, currency: 'USD', now },
    limits: {
      ...{ dailyLossBps: null, weeklyLossBps: null },
      ...{ drawdownReduceBps: null, drawdownHaltBps: null, drawdownStopBps: null },
    },
  });
}
