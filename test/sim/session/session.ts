import { findHalt, type Trader } from '../../../src/commands/session/halts.js';
import { approvalOf } from '../../../src/commands/session/inputs/approval.js';
import { type Prepared, sha256 } from '../../../src/commands/session/inputs/prepare.js';
import { LiveBook } from '../../../src/commands/session/live/book/live-book.js';
import { LiveLoop } from '../../../src/commands/session/live/live-loop.js';
import { type LiveParts, type SavedSession, WARM_UP_BARS } from '../../../src/commands/session/live/live-parts.js';
import { LiveSession } from '../../../src/commands/session/live/live-session.js';
import { rowsUpTo } from '../../../src/commands/session/live/market/recorded-bars.js';
import { openVenueMarket, type VenueMarket } from '../../../src/commands/session/live/market/venue-market.js';
import { goneOver } from '../../../src/commands/session/live/take-over.js';
import { Latches } from '../../../src/commands/session/realtime/latches.js';
import { RecordedHalts } from '../../../src/commands/session/realtime/recorded-halts.js';
import { FxError } from '../../../src/core/base/errors.js';
import { Outbox } from '../../../src/core/dispatch/outbox.js';
import { mintedClientId, orderId } from '../../../src/core/model/ids.js';
import type { LiveOrders } from '../../../src/core/orders/live-orders.js';
import type { Break } from '../../../src/core/orders/reconcile.js';
import type { Venue } from '../../../src/core/ports/venue.js';
import { removeStaleFiles } from '../../../src/core/state/books/stale-files.js';
import type { FileCalls } from '../../../src/core/state/file-calls.js';
import { writeHalt } from '../../../src/core/state/halt-file.js';
import { LastGood } from '../../../src/feeds/live/last-good.js';
import type { Actor } from '../orders/actor.js';
import type { Valuation } from '../orders/checkers.js';
import { ACCOUNT, BOOK, HOME } from '../orders/places.js';
import type { OrderWorld } from '../orders/world.js';
import { Killed, type SimProcess, wordsOf } from '../world/process.js';
import { preparedFor } from './desk.js';

/** What a book remembers of its beginning; as `book.json` does. */
export interface Begun {
  readonly at: number;
  readonly cursor: string;
  readonly capital: number;
}

const TRADER: Trader = { strategy: 'a-seed', broker: 'oanda' };
/** A person looks at the broker once nothing can arrive any more. */
const LOOK_AFTER_MS = 60_000;

/** A process that runs the real session: recovery, the loop, every layer below. What `live` does, without its terminal. */
export class SessionActor implements Actor {
  readonly process: SimProcess;
  isReady = false;
  ended: string | undefined;
  book: LiveBook | undefined;
  readonly #world: OrderWorld;
  readonly #files: FileCalls;
  readonly #venue: Venue;
  readonly #base: Prepared;
  readonly #begun: { at: Begun | undefined };
  #session: LiveSession | undefined;
  /** Each start has another strategy, as if somebody had changed its file after the crash. */
  readonly #isChanging: boolean;

  constructor(
    world: OrderWorld,
    process: SimProcess,
    files: FileCalls,
    venue: Venue,
    base: Prepared,
    begun: { at: Begun | undefined },
    isChanging: boolean,
  ) {
    this.#isChanging = isChanging;
    this.process = process;
    this.#world = world;
    this.#files = files;
    this.#venue = venue;
    this.#base = base;
    this.#begun = begun;
  }

  get orders(): LiveOrders | undefined {
    return this.isReady ? this.book?.orders : undefined;
  }

  get journalBytes(): number | undefined {
    return this.book?.journal.position.bytes;
  }

  get breaks(): readonly Break[] {
    return this.#session?.inputs.breaks ?? [];
  }

  get cash(): number {
    return this.book?.desk.engine.ledger.cash ?? Number.NaN;
  }

  get valuation(): Valuation | undefined {
    const engine = this.book?.desk.engine;
    if (engine === undefined) return undefined;
    const worth = (index: number) => engine.priceOf(index) * engine.quoteToAccountOf(index);
    const mids = Object.fromEntries(Object.keys(this.#world.mids).map((name, index) => [name, worth(index)]));
    return { equity: engine.equity, mids };
  }

  /** What the strategy's wishes are drawn from. */
  get #chance(): string | number {
    const { seed } = this.#world;
    return this.#isChanging ? `${seed} ${this.process.name}` : seed;
  }

  settleByPerson(): void {
    // The session is adopted as a whole: `adopt` below.
  }

  async run(): Promise<void> {
    try {
      await this.#live();
    } catch (error) {
      if (!this.process.isAlive || error instanceof Killed) return;
      this.ended = wordsOf(error);
      this.#world.output.push(this.ended);
      this.#world.checkers.endedBy(error);
      this.process.kill(`ends: ${this.ended}`);
    }
  }

  async #live(): Promise<void> {
    const account = await this.#venue.account();
    this.#begun.at ??= { at: this.#world.wall(), cursor: account.cursor, capital: account.cash };
    const begun = this.#begun.at;
    removeStaleFiles(BOOK, this.#files);
    const market = await openVenueMarket(this.#base.request, this.#venue, account.currency);
    const prepared = preparedFor(this.#base, this.#chance, market, begun);
    const halt = findHalt(HOME, TRADER, market.instruments, this.#files);
    if (halt !== undefined) throw halt;
    const { session, parts } = await goneOver(async () => {
      const opening = await this.#parts(prepared, market, begun);
      return { session: new LiveSession(opening), parts: opening };
    });
    this.#session = session;
    await session.recover();
    if (parts.book.orders.inDoubt().length > 0) {
      session.checkpoint();
      await this.process.wait(LOOK_AFTER_MS);
      await session.adopt('a person', 'looked at the account');
    }
    const breaks = await session.reconcile();
    this.isReady = true;
    this.#world.compared(this, this.cash);
    if (breaks.length > 0) throw new FxError('STATE.MISMATCH', { message: breaks[0]?.message ?? '', next: '' });
    const signal = new AbortController().signal;
    await new LiveLoop(session, parts, { once: false, durationMs: undefined, signal }).play();
  }

  async #parts(prepared: Prepared, market: VenueMarket, begun: Begun): Promise<LiveParts> {
    const world = this.#world;
    const files = this.#files;
    const clock = { now: () => world.wall(), observe: () => undefined };
    const halts = new RecordedHalts(HOME, TRADER, clock, files);
    const outbox = new Outbox(market.instruments);
    const book = await this.#open(prepared, market, halts, outbox);
    this.book = book;
    const saved = (book.extra ?? undefined) as SavedSession | undefined;
    const context = { home: HOME, book: 'sim', trader: TRADER, instruments: market.instruments, files };
    return {
      prepared,
      venue: this.#venue,
      trader: TRADER,
      shadow: false,
      limits: prepared.loaded.settings.risk,
      saved,
      begun,
      book,
      market,
      outbox,
      halts,
      latches: new Latches(context, saved?.latched ?? []),
      clock,
      files,
      stopwatch: { mono: () => world.scheduler.now, boot: 'sim' },
      quotes: new LastGood(),
      onRecord: (_ts, what) => {
        const { valuation } = this;
        if (what.kind === 'submit' && valuation !== undefined) world.checkers.decided(what.order.clientId, valuation);
        world.heard(what.kind, what.kind === 'fill' ? what.fill : what);
      },
      onEvent: (kind, fields) => this.#event(kind, fields),
      fence: () => world.fence.take(this.process),
      mint: () => {
        const clientId = mintedClientId('gd', world.randomBits());
        return { id: orderId(`guard-${clientId}`), clientId };
      },
      pause: (ms) => this.process.wait(world.pauseOf(ms)),
    };
  }

  #open(prepared: Prepared, market: VenueMarket, halts: RecordedHalts, outbox: Outbox): Promise<LiveBook> {
    const world = this.#world;
    const boot = world.scheduler.now;
    const { request, definition, params, loaded, costs, capital, currency } = prepared;
    return LiveBook.open({
      folder: BOOK,
      digits: 2,
      heartbeat: undefined,
      files: this.#files,
      clockNow: () => world.wall(),
      stamp: () => ({ mono: world.scheduler.now - boot, boot: String(boot), build: 'sim' }),
      onFailure: (error) => this.#haltFor(error),
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
        approval: world.options.asks === true ? approvalOf(prepared, askingFor(prepared)) : undefined,
        venue: {
          broker: () => outbox,
          mint: () => mintedClientId('lv', world.randomBits()),
          cashDigits: this.#venue.rules.cashDigits,
        },
      },
    });
  }

  #event(kind: string, fields: Readonly<Record<string, unknown>>): void {
    this.#world.heard(kind, fields);
    const text = `${kind} ${JSON.stringify(fields)}`;
    this.#world.output.push(text);
    if (kind === 'bar' || kind === 'missed' || kind === 'break') this.#world.scheduler.note(text);
    if (kind === 'break') this.#world.compared(this, this.cash);
    // Only a person can say what became of it: he looks when nothing can arrive any more, with the session stopped.
    if (kind === 'unresolved' && this.isReady)
      this.process.in(LOOK_AFTER_MS, 'is stopped by a person', () => this.process.kill('stopped'));
  }

  #haltFor(error: FxError): void {
    const time = new Date(this.#world.wall()).toISOString();
    const line = { id: `state-${time}`, time, who: 'engine', reason: error.message } as const;
    try {
      writeHalt(HOME, { ...line, scope: 'broker:oanda', mode: 'reduce-only' }, this.#files);
    } catch {
      // The disk takes nothing: the session ends with this very error.
    }
  }
}

const askingFor = ({ loaded }: Prepared) =>
  ({ mode: 'live', broker: 'oanda', account: `oanda ${ACCOUNT}`, configHash: sha256(loaded.canonical) }) as const;
