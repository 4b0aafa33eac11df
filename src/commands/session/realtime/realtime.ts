import { assert } from '../../../core/base/assert.js';
import { FxError } from '../../../core/base/errors.js';
import type { EpochMs, InstrumentId } from '../../../core/model/ids.js';
import type { BarColumns } from '../../../core/model/market.js';
import { type Binding, readBinding } from '../../../core/state/books/book-folder.js';
import { bookFolder } from '../../../core/state/books/book-path.js';
import { LivePrices } from '../../../feeds/live/live-prices.js';
import type { SessionHost } from '../backtest.js';
import { Book } from '../book.js';
import { type FeedGround, type FeedMarket, feedMarket, instrumentsOn, timeframeOf } from '../feed/feed-market.js';
import { heardPath, listenToHeadlines } from '../feed/headline-ear.js';
import { requirePlan } from '../feed/open-feeds.js';
import { paperTrader, requireNotHalted } from '../halts.js';
import { WARM_UP_MS } from '../inputs/market.js';
import { withNews } from '../inputs/news.js';
import { configHashOf, type Prepared, prepare } from '../inputs/prepare.js';
import type { RunRequest } from '../inputs/request.js';
import { bookOutput } from '../run-output.js';
import { bindingOf, givenOf } from './binding.js';
import { FeedSupply, learnFrom } from './feed-supply.js';
import { Latches } from './latches.js';
import { RecordedHalts } from './recorded-halts.js';
import { type RealtimeEnd, type RealtimeOptions, type Saved, Session } from './session.js';
import { type BarSupply, type Heard, lastClose, simulatedSupply } from './supply.js';

/** A paper session on the newest prices, with the clock. */
export async function realtime(request: RunRequest, options: RealtimeOptions, host: SessionHost): Promise<RealtimeEnd> {
  const { clock } = options;
  const bound = readBinding(bookFolder(request.home, 'paper', options.book));
  // A book remembers when it began: before that, bars only warm up.
  const begun = bound?.kind === 'realtime' ? Number(bound.arguments['begun']) : clock.now();
  const dated = { ...request, from: request.from ?? begun, to: clock.now() };
  const { prepared, ground, supply } =
    request.feed === undefined
      ? await onSimulated(dated, host)
      : await onFeed(dated, options, host, bound === undefined ? undefined : givenOf(bound, options.book).ground);
  for (const note of prepared.market.notes) host.note(note);
  const { market, definition } = prepared;
  requireNotHalted(request.home, paperTrader(definition.name), market.instruments.slice(0, market.tradedCount));
  const { book, session } = await openSession(prepared, bindingOf(prepared, begun, ground), options, host, supply);
  const ear = earOf(prepared, options, host);
  try {
    const end = await session.play();
    return { ...end, record: await bookOutput(book, end.record, request.out, true) };
  } finally {
    await ear?.over();
    book.close();
  }
}

/** A session that decides on headlines hears new ones too, where its feed tells them; a cycle from cron has no time to. */
function earOf({ request, market }: Prepared, { feeds, book, once }: RealtimeOptions, { signal, note }: SessionHost) {
  if (feeds?.headlines === undefined || market.news === undefined || once) return undefined;
  const { headlines: open, wait, stopwatch, rng } = feeds;
  return listenToHeadlines({ open, path: heardPath(request.home, book), wait, stopwatch, rng, signal, note });
}

/** What a session trades on. */
interface Market {
  readonly prepared: Prepared;
  readonly ground?: FeedGround;
  readonly supply?: BarSupply;
}

async function onSimulated(request: RunRequest, host: SessionHost): Promise<Market> {
  return { prepared: await prepare(request, host.settings) };
}

/** The vendor is asked what there is only for a book that begins: later ones trade what they began with. */
async function onFeed(
  request: RunRequest,
  options: RealtimeOptions,
  host: SessionHost,
  bound: FeedGround | undefined,
): Promise<Market> {
  const { feeds, clock, once } = options;
  assert(feeds !== undefined, 'a session on a feed is given its feeds');
  const { main, fallback, stopwatch, wait, rng } = feeds;
  let prices: LivePrices | undefined;
  let ground = bound;
  let market: FeedMarket | undefined;
  let past: readonly BarColumns[] | undefined;
  const prepared = await prepare(request, host.settings, async (_, loaded, currency) => {
    const traded = bound ?? (await instrumentsOn(main.feed, request, loaded, currency));
    const timeframeMs = timeframeOf(request);
    if (!once) requirePlan(main, traded.instruments.length, timeframeMs);
    prices = new LivePrices({
      ...{ main, clock, stopwatch, wait, rng, timeframeMs },
      instruments: traded.instruments,
      disagreeBps: loaded.settings.risk.priceCollarBps,
      ...(fallback === undefined ? {} : { fallback }),
    });
    if (ground === undefined) {
      past = await pastOf(prices, request, clock.now());
      ground = { ...traded, first: newestClose(past) };
    }
    market = await withNews(await feedMarket(ground, request), request, loaded, heardPath(request.home, options.book));
    return market;
  });
  assert(prices !== undefined && ground !== undefined && market !== undefined, 'the market was opened');
  const supply = new FeedSupply({ market, prices, once, signal: host.signal, ...(past && { past }) });
  return { prepared, ground, supply };
}

/** What a new book learns from. Throws `FEED.EMPTY` where there is nothing. */
async function pastOf(prices: LivePrices, request: RunRequest, now: EpochMs): Promise<readonly BarColumns[]> {
  const bars = await prices.past(learnFrom(now, timeframeOf(request)), now);
  if (bars.some(({ length }) => length > 0)) return bars;
  throw new FxError('FEED.EMPTY', {
    message: `${request.feed} has no bar of the last days; nothing was begun`,
    next: 'check --instruments and --timeframe, and what the plan has: fxtrade test-feeds',
    facts: { feed: request.feed ?? '' },
  });
}

const newestClose = (bars: readonly BarColumns[]): EpochMs =>
  Math.max(...bars.map(({ ts, length }) => ts[length - 1] ?? Number.NEGATIVE_INFINITY));

/** Opens the book of a real-time session, bound as given, where it was left. Who opens it closes it. */
export async function openSession(
  prepared: Prepared,
  binding: Binding,
  options: RealtimeOptions,
  host: SessionHost,
  given?: BarSupply,
): Promise<{ readonly book: Book; readonly session: Session }> {
  const { request, definition, market } = prepared;
  const begun: EpochMs = Number(binding.arguments['begun']);
  const trader = paperTrader(definition.name);
  const supply = given ?? simulatedSupply(prepared, host.signal);
  const { ground } = givenOf(binding, options.book);
  const first = ground?.first ?? (await lastClose(prepared, begun - WARM_UP_MS, begun, host.signal));
  // Every start has another end: the id of the run must not follow it.
  const configHash = configHashOf({ ...prepared, request: { ...request, from: begun, to: undefined } });
  const plan = { ...prepared, configHash, request: { ...request, from: first } };
  const halts = new RecordedHalts(request.home, trader, options.clock);
  const heard = new Map<string, Heard>();
  const asks = { halted: halts.stateOf, heard: (id: InstrumentId) => heard.get(id) };
  const book = await Book.open(plan, options, binding, asks, host.heartbeat);
  try {
    const instruments = market.instruments.slice(0, market.tradedCount);
    const context = { home: request.home, book: options.book, trader, instruments };
    const latches = new Latches(context, (book.extra as Saved | null | undefined)?.latched ?? []);
    const parts = { prepared: plan, book, options, host, first, halts, latches, supply, heard };
    return { book, session: new Session(parts) };
  } catch (error) {
    book.close();
    throw error;
  }
}
