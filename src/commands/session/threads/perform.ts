import { unreachable } from '../../../core/base/assert.js';
import type { Break } from '../../../core/orders/reconcile.js';
import { systemClock } from '../../../core/ports/clock.js';
import { wait } from '../../../core/ports/wait.js';
import { backtest, type SessionHost } from '../backtest.js';
import type { Recorded } from '../book.js';
import type { openSecond } from '../feed/open-feeds.js';
import type { Heartbeat } from '../heartbeat.js';
import type { LiveEnd } from '../live/live.js';
import type { Job, JobListener, JobResult, JobWorld, LiveJob, ReconcileJob } from './job.js';

/** A session that was told to stop waits this long for a broker's answer; what became of the order is found at the next start. */
const GRACE_MS = 2_500;

/** Does a job on this thread. */
export async function perform(
  job: Job,
  world: JobWorld,
  listener: JobListener,
  heartbeat?: Heartbeat,
): Promise<JobResult> {
  const told = {
    version: world.version,
    startedAt: world.startedAt,
    signal: listener.signal,
    note: (text: string) => listener.note(text),
    ...(heartbeat === undefined ? {} : { heartbeat }),
  };
  if (job.kind === 'flatten') {
    // A book that is to be closed has its settings with it: those of today may be broken.
    const { flattenBook } = await import('../realtime/flatten-book.js');
    const { book, who, reason } = job;
    const end = await flattenBook({ home: world.home, book, clock: systemClock(), who, reason }, told);
    return { kind: 'flatten', ...end };
  }
  const { loadSettings } = await import('../../../core/config/settings.js');
  const host: SessionHost = { ...told, settings: loadSettings(world) };
  switch (job.kind) {
    case 'backtest':
      return { kind: 'backtest', record: await backtest(job.request, host) };
    case 'sweep': {
      const { sweep } = await import('../sweep.js');
      return { kind: 'sweep', ...(await sweep(job.request, job.combinations, host)) };
    }
    case 'replay': {
      const { replay } = await import('../replay.js');
      const { book, locked, speed, durationMs, once } = job;
      const onRecord = (ts: number, what: Recorded) => listener.event(ts, what);
      const onEvent = (kind: string, fields: Readonly<Record<string, unknown>>) => listener.told(kind, fields);
      const end = await replay(job.request, { book, locked, speed, durationMs, once, onRecord, onEvent }, host);
      return { kind: 'replay', ...end };
    }
    case 'realtime': {
      const { realtime } = await import('../realtime/realtime.js');
      const { book, locked, durationMs, once } = job;
      const onRecord = (ts: number, what: Recorded) => listener.event(ts, what);
      const onEvent = (kind: string, fields: Readonly<Record<string, unknown>>) => listener.told(kind, fields);
      const clock = systemClock();
      const { openFeeds } = await import('../feed/open-feeds.js');
      const { feed } = job.request;
      const { fallback } = host.settings.settings.feeds;
      const around = { ...world, clock, signal: listener.signal, note: told.note };
      const feeds = feed === undefined ? undefined : await openFeeds(feed, fallback, around);
      const options = { book, locked, durationMs, once, clock, onRecord, onEvent, ...(feeds && { feeds }) };
      try {
        return { kind: 'realtime', ...(await realtime(job.request, options, host)) };
      } finally {
        feeds?.close();
      }
    }
    case 'live':
      return { kind: 'live', ...(await traded(job, world, listener, host)) };
    case 'reconcile':
      return { kind: 'reconcile', breaks: await reconciled(job, world, listener, host) };
    default:
      return unreachable(job);
  }
}

async function traded(job: LiveJob, world: JobWorld, listener: JobListener, host: SessionHost): Promise<LiveEnd> {
  const { live } = await import('../live/live.js');
  const { openVenueWithKeys } = await import('../../runtime/venues.js');
  const { broker, account, book, durationMs, once, shadow, overrides } = job;
  const clock = systemClock();
  const second = await secondFor(broker, { ...world, clock, signal: listener.signal }, host);
  const venue = await openVenueWithKeys(broker, world, clock);
  const onRecord = (ts: number, what: Recorded) => listener.event(ts, what);
  const onEvent = (kind: string, fields: Readonly<Record<string, unknown>>) => listener.told(kind, fields);
  const asked = { account, book, durationMs, once, shadow, overrides };
  const done = new AbortController();
  const hangUp = (): void => void wait(GRACE_MS, done.signal).then(() => venue.close());
  listener.signal.addEventListener('abort', hangUp, { once: true });
  try {
    return await live(job.request, { ...asked, venue, clock, onRecord, onEvent, ...(second && { second }) }, host);
  } finally {
    listener.signal.removeEventListener('abort', hangUp);
    done.abort();
    second?.feed.feed.close();
    venue.close();
  }
}

/** The vendor of `feeds.fallback`, which a broker's prices are compared with. */
async function secondFor(broker: string, sources: Parameters<typeof openSecond>[1], { settings, note }: SessionHost) {
  const { fallback } = settings.settings.feeds;
  if (fallback === undefined) return undefined;
  if (fallback === broker) {
    note(`feeds.fallback is ${fallback}, the broker itself: its prices are compared with nobody's`);
    return undefined;
  }
  const { openSecond: open } = await import('../feed/open-feeds.js');
  return open(fallback, sources);
}

async function reconciled(
  { request, broker, account, book, adopt }: ReconcileJob,
  world: JobWorld,
  listener: JobListener,
  host: SessionHost,
): Promise<readonly Break[]> {
  const { reconcileBook } = await import('../live/live.js');
  const { openVenueWithKeys } = await import('../../runtime/venues.js');
  const clock = systemClock();
  const venue = await openVenueWithKeys(broker, world, clock);
  const onEvent = (kind: string, fields: Readonly<Record<string, unknown>>) => listener.told(kind, fields);
  const options = {
    account,
    book,
    venue,
    clock,
    once: true,
    durationMs: undefined,
    shadow: true,
    overrides: [],
    onRecord: () => undefined,
    onEvent,
  };
  try {
    return await reconcileBook(request, options, host, adopt);
  } finally {
    venue.close();
  }
}
