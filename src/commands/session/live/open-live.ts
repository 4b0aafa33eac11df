import type { Rng } from '../../../core/base/rng.js';
import type { Release } from '../../../core/dispatch/dispatcher.js';
import { Outbox } from '../../../core/dispatch/outbox.js';
import { type ClientId, type InstrumentId, mintedClientId, type OrderId, orderId } from '../../../core/model/ids.js';
import { type Clock, type Stopwatch, systemStopwatch, type Wait } from '../../../core/ports/clock.js';
import type { Venue, VenueAccount } from '../../../core/ports/venue.js';
import { wait } from '../../../core/ports/wait.js';
import { bind, readBinding } from '../../../core/state/books/book-folder.js';
import { accountFolder, bookFolder } from '../../../core/state/books/book-path.js';
import { removeStaleFiles } from '../../../core/state/books/stale-files.js';
import { keepReserve } from '../../../core/state/emergency/reserve.js';
import { ensureHome } from '../../../core/state/home.js';
import { roomStop } from '../../../core/state/home-check.js';
import { bootId } from '../../../core/state/lock/boot-id.js';
import { tryKernelLock } from '../../../core/state/lock/kernel-lock.js';
import { acquireLock } from '../../../core/state/lock/lock.js';
import { randomBits } from '../../../core/state/random-bits.js';
import { ensureDir } from '../../../core/state/write.js';
import { LastGood } from '../../../feeds/live/last-good.js';
import type { FeedInUse } from '../../../feeds/live/live-prices.js';
import type { SessionHost } from '../backtest.js';
import type { Recorded } from '../book.js';
import { requireNotHalted, type Trader } from '../halts.js';
import { withNews } from '../inputs/news.js';
import { type Prepared, prepare } from '../inputs/prepare.js';
import type { RunRequest } from '../inputs/request.js';
import { Latches } from '../realtime/latches.js';
import { RecordedHalts } from '../realtime/recorded-halts.js';
import { preparedBefore } from './book/decided-under.js';
import type { LiveParts, SavedSession } from './live-parts.js';
import { LiveSession } from './live-session.js';
import { SecondSource } from './market/second-source.js';
import { openVenueMarket, type VenueMarket } from './market/venue-market.js';
import { openBook } from './open-book.js';
import { type Overrides, requireAccount, requireClock, requireLimits, restoreHalts } from './preflight.js';
import { goneOver } from './take-over.js';
import { type Begun, begunOf, bindingOf, requireSameBook } from './terms/binding.js';

const GIB = 1024 ** 3;

export interface LiveOptions {
  /** Default: the account's id. */
  readonly book: string | undefined;
  readonly venue: Venue;
  /** The account that was agreed to. */
  readonly account: string;
  readonly once: boolean;
  readonly durationMs: number | undefined;
  readonly shadow: boolean;
  /** Lines of the pre-flight list that a person takes on himself, each with a reason. */
  readonly overrides: Overrides;
  readonly clock: Clock;
  /** Default: the machine's. */
  readonly stopwatch?: Stopwatch;
  /** A vendor that the broker's prices are compared with. */
  readonly second?: { readonly feed: FeedInUse; readonly wait: Wait; readonly rng: Rng };
  pause?(ms: number, signal: AbortSignal): Promise<void>;
  readonly onRecord: (ts: number, what: Recorded) => void;
  readonly onEvent: (kind: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** A session that is ready to recover. */
export interface Opened {
  readonly session: LiveSession;
  readonly parts: LiveParts;
  readonly account: VenueAccount;
  close(): void;
}

/** Takes the locks, goes through the pre-flight list, and opens the book. */
export async function openLive(
  request: RunRequest,
  options: LiveOptions,
  host: SessionHost,
  evenHalted = false,
): Promise<Opened> {
  const { venue, clock, onEvent } = options;
  const account = await venue.account();
  requireAccount(account, options.account);
  const name = options.book ?? account.id;
  ensureHome(request.home);
  keepReserve(request.home);
  const folder = bookFolder(request.home, 'live', name);
  const locks = [await acquireLock(accountFolder(request.home, venue.name, account.id)), await acquireLock(folder)];
  const release = () => {
    for (const lock of [...locks].reverse()) lock.release();
  };
  try {
    ensureDir(folder);
    removeStaleFiles(folder);
    const bound = readBinding(folder);
    const begun = begunOf(bound, clock.now(), account);
    const broker = await openVenueMarket(request, venue, account.currency);
    const market = await withNews(broker, request, host.settings);
    const asked = { ...request, capital: begun.capital, currency: account.currency, from: begun.at };
    const prepared = await prepare(asked, host.settings, async () => market);
    const trader: Trader = { strategy: prepared.definition.name, broker: venue.name };
    const traded = market.instruments.slice(0, market.tradedCount);
    onEvent('preflight', {
      line: 'account',
      ok: true,
      detail: `${account.id} (${account.environment}), ${account.currency}`,
    });
    requireClock(venue, onEvent);
    if (!evenHalted) {
      restoreHalts(request.home, folder);
      requireNotHalted(request.home, trader, traded);
    }
    onEvent('preflight', { line: 'halt', ok: true, detail: 'nothing that concerns this session is halted' });
    const binding = bindingOf(prepared, venue, account, begun, request);
    if (bound === undefined) bind(folder, binding);
    else requireSameBook(bound, binding, name);
    const ground: Ground = { prepared, market, account, begun, trader, folder, name, options, host, evenHalted };
    const old = preparedBefore(folder, prepared);
    if (old !== undefined) {
      // Whose settings these were may only have put the book in order: limits to compare with are those of who traded.
      const then = await withNews(broker, request, old.loaded);
      const under = { ...ground, market: then, prepared: { ...old, market: then }, evenHalted: true };
      const before = await goneOver(() => openSession(under));
      try {
        await before.session.closeOldRecords();
      } finally {
        before.parts.book.close();
      }
    }
    const opened = await goneOver(() => openSession(ground));
    const close = () => {
      opened.parts.book.close();
      release();
    };
    try {
      if (!evenHalted) requireLimits(opened.parts, opened.session, options.overrides);
      // From here on decisions are made under these settings, and the snapshot must say so.
      if (old !== undefined) opened.session.checkpoint();
      opened.session.takeBackOld();
    } catch (error) {
      opened.parts.book.close();
      throw error;
    }
    return { ...opened, account, close };
  } catch (error) {
    release();
    throw error;
  }
}

/** What a session stands on, each part checked; the locks are held. */
interface Ground {
  readonly prepared: Prepared;
  readonly market: VenueMarket;
  readonly account: VenueAccount;
  readonly begun: Begun;
  readonly trader: Trader;
  readonly folder: string;
  readonly name: string;
  readonly options: LiveOptions;
  readonly host: SessionHost;
  /** Reads and compares only. */
  readonly evenHalted: boolean;
}

async function openSession(ground: Ground): Promise<Pick<Opened, 'session' | 'parts'>> {
  const { prepared, market, account, begun, trader, folder, name, options, host, evenHalted } = ground;
  const { venue, clock, onEvent } = options;
  const { home } = prepared.request;
  const traded = market.instruments.slice(0, market.tradedCount);
  const halts = new RecordedHalts(home, trader, clock);
  const outbox = new Outbox(market.instruments);
  const agreed = account.id;
  const stopwatch = options.stopwatch ?? systemStopwatch(bootId());
  const bound = { venue, halts, outbox, clock, stopwatch, host, name, account: agreed };
  const book = await openBook({ folder, prepared, market, ...bound });
  try {
    const saved = (book.extra ?? undefined) as SavedSession | undefined;
    const quotes = new LastGood();
    const parts: LiveParts = {
      prepared,
      venue,
      trader,
      shadow: options.shadow,
      // Who only reconciles must not make looser limits the ones to compare with.
      limits: evenHalted ? (saved?.limits ?? prepared.loaded.settings.risk) : prepared.loaded.settings.risk,
      saved,
      begun: { at: begun.at, cursor: begun.cursor },
      book,
      market,
      outbox,
      halts,
      latches: new Latches({ home, book: name, trader, instruments: traded }, saved?.latched ?? []),
      clock,
      stopwatch,
      quotes,
      room: () => roomStop(home, prepared.loaded.settings.alerts.diskFreeGib * GIB),
      ...(options.second === undefined ? {} : { second: secondOf(options.second, quotes, { ...ground, stopwatch }) }),
      onRecord: options.onRecord,
      onEvent,
      fence: () => fence(venue.name, account.id),
      mint: () => guardIds(),
      pause: (ms) => (options.pause ?? wait)(ms, host.signal),
      isStopping: () => host.signal.aborted,
    };
    return { session: new LiveSession(parts), parts };
  } catch (error) {
    book.close();
    throw error;
  }
}

/** An order of our own making: named by its client id, since the engine counts only its own. */
function guardIds(): { readonly id: OrderId; readonly clientId: ClientId } {
  const clientId = mintedClientId('lv', randomBits());
  return { id: orderId(`guard-${clientId.slice(-8)}`), clientId };
}

/** Held around the last look and the send; a halt that holds it has seen to it that the last look says no. */
async function fence(broker: string, account: string): Promise<Release> {
  for (;;) {
    const lock = await tryKernelLock(`submit ${broker} ${account}`);
    if (lock !== undefined) return () => lock.release();
    await wait(5, new AbortController().signal);
  }
}

function secondOf(
  { feed: second, wait, rng }: NonNullable<LiveOptions['second']>,
  quotes: LastGood,
  { market, options, prepared, stopwatch }: Ground & { readonly stopwatch: Stopwatch },
): SecondSource {
  const { venue, clock } = options;
  const quoteOf = (id: InstrumentId) => {
    const quote = quotes.of(id);
    return quote && { quote, ageMs: stopwatch.mono() - quote.receivedMono };
  };
  return new SecondSource({
    ...{ second, wait, rng, clock, stopwatch, quoting: { quoteOf }, broker: venue.name },
    ...{ instruments: market.instruments.slice(0, market.tradedCount), timeframeMs: market.timeframeMs },
    limitBps: prepared.loaded.settings.risk.priceCollarBps,
  });
}
