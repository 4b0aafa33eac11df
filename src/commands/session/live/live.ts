import type { FxError } from '../../../core/base/errors.js';
import type { Release } from '../../../core/dispatch/dispatcher.js';
import { Outbox } from '../../../core/dispatch/outbox.js';
import { type ClientId, mintedClientId, type OrderId, orderId } from '../../../core/model/ids.js';
import { minorUnitOf } from '../../../core/model/instruments.js';
import type { RunRecord } from '../../../core/model/run-record.js';
import type { Break } from '../../../core/orders/reconcile.js';
import { type Clock, type Stopwatch, systemStopwatch } from '../../../core/ports/clock.js';
import type { Venue, VenueAccount } from '../../../core/ports/venue.js';
import { wait } from '../../../core/ports/wait.js';
import { type Binding, bind, readBinding } from '../../../core/state/books/book-folder.js';
import { accountFolder, bookFolder } from '../../../core/state/books/book-path.js';
import { removeStaleFiles } from '../../../core/state/books/stale-files.js';
import { writeHalt } from '../../../core/state/halt-file.js';
import { ensureHome } from '../../../core/state/home.js';
import { tryKernelLock } from '../../../core/state/lock/kernel-lock.js';
import { acquireLock } from '../../../core/state/lock/lock.js';
import { randomBits } from '../../../core/state/random-bits.js';
import { writeRunFile } from '../../../core/state/runs/out-folder.js';
import { ensureDir } from '../../../core/state/write.js';
import { type SessionHost, warningsOf } from '../backtest.js';
import type { Recorded } from '../book.js';
import { requireNotHalted, type Trader } from '../halts.js';
import { approvalOf } from '../inputs/approval.js';
import { type Prepared, prepare, sha256 } from '../inputs/prepare.js';
import type { RunRequest } from '../inputs/request.js';
import { Latches } from '../realtime/latches.js';
import { RecordedHalts } from '../realtime/recorded-halts.js';
import { makeRecord } from '../record.js';
import { recordText } from '../run-output.js';
import { preparedBefore } from './book/decided-under.js';
import { LiveBook } from './book/live-book.js';
import { LiveLoop } from './live-loop.js';
import { type LiveParts, LiveSession, type SavedSession, WARM_UP_BARS } from './live-session.js';
import { rowsUpTo } from './market/recorded-bars.js';
import { openVenueMarket, type VenueMarket } from './market/venue-market.js';
import {
  type Overrides,
  requireAccount,
  requireClock,
  requireLimits,
  requireReconciled,
  requireSameBook,
  requireSettled,
  restoreHalts,
} from './preflight.js';

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
  pause?(ms: number, signal: AbortSignal): Promise<void>;
  readonly onRecord: (ts: number, what: Recorded) => void;
  readonly onEvent: (kind: string, fields: Readonly<Record<string, unknown>>) => void;
}

export interface LiveEnd {
  readonly record: RunRecord;
  readonly account: string;
  readonly environment: VenueAccount['environment'];
  readonly decided: boolean;
  readonly missed: number;
  readonly breaks: readonly Break[];
}

/** A session at a real venue: the pre-flight list, recovery, reconciliation, then the loop. */
export async function live(request: RunRequest, options: LiveOptions, host: SessionHost): Promise<LiveEnd> {
  const opened = await openLive(request, options, host);
  try {
    const { session, parts, account } = opened;
    await session.recover();
    requireSettled(session, parts);
    requireReconciled(await session.reconcile());
    options.onEvent('preflight', { line: 'reconciled', ok: true, detail: 'orders, positions and cash agree' });
    await new LiveLoop(session, parts, {
      once: options.once,
      durationMs: options.durationMs,
      signal: host.signal,
    }).play();
    const { decided, missed, inputs } = session;
    const record = recordOf(parts, host);
    writeRunFile(parts.book.folder, 'run.json', recordText(record));
    options.onEvent('stopped', { decided, equity: parts.book.desk.engine.equity });
    return { record, account: account.id, environment: account.environment, decided, missed, breaks: inputs.breaks };
  } finally {
    opened.close();
  }
}

/** Compares a book that no session holds with its venue; with `adopt` takes the venue's word. */
export async function reconcileBook(
  request: RunRequest,
  options: LiveOptions,
  host: SessionHost,
  adopt?: { readonly who: string; readonly reason: string },
): Promise<readonly Break[]> {
  const opened = await openLive(request, { ...options, shadow: true }, host, true);
  try {
    const { session } = opened;
    await session.recover();
    const breaks = adopt === undefined ? await session.reconcile() : await session.adopt(adopt.who, adopt.reason);
    session.checkpoint();
    return breaks;
  } finally {
    opened.close();
  }
}

interface Opened {
  readonly session: LiveSession;
  readonly parts: LiveParts;
  readonly account: VenueAccount;
  close(): void;
}

async function openLive(
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
    const market = await openVenueMarket(request, venue, account.currency);
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
    let cancels: Awaited<ReturnType<LiveSession['closeOldRecords']>> = [];
    if (old !== undefined) {
      const before = await openSession({ ...ground, prepared: old });
      try {
        cancels = await before.session.closeOldRecords();
      } finally {
        before.parts.book.close();
      }
    }
    const opened = await openSession(ground);
    const close = () => {
      opened.parts.book.close();
      release();
    };
    try {
      if (!evenHalted) requireLimits(opened.parts, opened.session, options.overrides);
      // From here on decisions are made under these settings, and the snapshot must say so.
      if (old !== undefined) opened.session.checkpoint();
      opened.parts.outbox.putBack(cancels);
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
  const book = await openBook({ folder, prepared, market, venue, halts, outbox, clock, host, name, account: agreed });
  try {
    const saved = (book.extra ?? undefined) as SavedSession | undefined;
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
      stopwatch: options.stopwatch ?? systemStopwatch(),
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

interface Begun {
  readonly at: number;
  readonly cursor: string;
  readonly capital: number;
}

/** A book remembers when it began, and what was there then. */
function begunOf(bound: Binding | undefined, now: number, account: VenueAccount): Begun {
  if (bound === undefined) return { at: now, cursor: account.cursor, capital: account.cash };
  const { begunAt, begunCursor, capital } = bound.arguments;
  return { at: Number(begunAt), cursor: begunCursor ?? '', capital: Number(capital) };
}

function openBook(parts: {
  readonly folder: string;
  readonly prepared: Prepared;
  readonly market: VenueMarket;
  readonly venue: Venue;
  readonly halts: RecordedHalts;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly host: SessionHost;
  readonly name: string;
  readonly account: string;
}): Promise<LiveBook> {
  const { folder, prepared, market, venue, halts, outbox, clock, host, name, account } = parts;
  const { request, definition, params, loaded, costs, capital, currency } = prepared;
  const boot = clock.now();
  return LiveBook.open({
    folder,
    digits: minorUnitOf(currency),
    heartbeat: host.heartbeat,
    clockNow: () => clock.now(),
    stamp: () => ({ mono: clock.now() - boot, boot: String(boot), build: host.version }),
    // A journal that cannot be written is the end of trading, not of this session alone.
    onFailure: (error) => haltFor(request.home, venue.name, name, clock.now(), error),
    async *warmUp(until) {
      const bars = await market.fetch(until - WARM_UP_BARS * market.timeframeMs, until);
      yield* market.merged(rowsUpTo(bars, until));
    },
    plan: {
      request,
      market,
      definition,
      params,
      limits: loaded.settings.risk,
      sizing: loaded.settings.sizing,
      costs,
      capital,
      currency,
      halted: halts.stateOf,
      approval: approvalOf(prepared, {
        mode: 'live',
        broker: venue.name,
        account: `${venue.name} ${account}`,
        configHash: sha256(loaded.canonical),
      }),
      venue: {
        broker: () => outbox,
        mint: () => mintedClientId('lv', randomBits()),
        cashDigits: venue.rules.cashDigits,
      },
    },
  });
}

function haltFor(home: string, broker: string, book: string, now: number, error: FxError): void {
  const halt = {
    id: `state-${book}-${now.toString(36)}`,
    time: new Date(now).toISOString(),
    who: 'engine',
    reason: `${error.message} (book ${book})`,
    scope: `broker:${broker}`,
    mode: 'reduce-only',
  } as const;
  try {
    writeHalt(home, halt);
  } catch {
    // The disk takes nothing: the session ends with this very error, and says so.
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

function bindingOf(
  prepared: Prepared,
  venue: Venue,
  account: VenueAccount,
  begun: Begun,
  request: RunRequest,
): Binding {
  const { definition, codeHash, params, loaded, market } = prepared;
  return {
    version: 1,
    kind: 'live',
    strategy: request.strategy,
    codeHash,
    params,
    configHash: sha256(loaded.canonical),
    dataHash: venue.name,
    arguments: {
      name: definition.name,
      broker: venue.name,
      account: account.id,
      environment: account.environment,
      currency: account.currency,
      instruments: market.instruments
        .slice(0, market.tradedCount)
        .map(({ id }) => id)
        .join(),
      timeframe: request.timeframe ?? '1h',
      rates: request.rates ?? '',
      capital: String(begun.capital),
      begunAt: String(begun.at),
      begunCursor: begun.cursor,
    },
    startedAt: new Date(begun.at).toISOString(),
  };
}

function recordOf({ prepared, book }: LiveParts, host: SessionHost): RunRecord {
  return makeRecord({
    prepared,
    numbers: book.desk.recorder.numbers(),
    engine: book.desk.engine,
    dataHash: '',
    startedAt: new Date(host.startedAt).toISOString(),
    version: host.version,
    trials: [],
    files: {},
    warnings: warningsOf(prepared),
  });
}
