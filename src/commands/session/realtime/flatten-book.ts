import { FxError } from '../../../core/base/errors.js';
import type { EpochMs } from '../../../core/model/ids.js';
import type { Clock } from '../../../core/ports/clock.js';
import { type Binding, readBinding } from '../../../core/state/books/book-folder.js';
import { bookFolder } from '../../../core/state/books/book-path.js';
import type { AnyStrategy } from '../../../core/strategies/strategy.js';
import type { SessionHost } from '../backtest.js';
import { type FeedMarket, feedMarket } from '../feed/feed-market.js';
import { heardPath } from '../feed/headline-ear.js';
import { withNews } from '../inputs/news.js';
import { type Prepared, prepare, prepareWith } from '../inputs/prepare.js';
import type { RunRequest } from '../inputs/request.js';
import { bindingOf, type Given, givenOf } from './binding.js';
import { recordedSupply } from './feed-supply.js';
import type { FlattenInput, HeldBefore } from './flatten.js';
import { openSession } from './realtime.js';

export interface FlattenOptions extends FlattenInput {
  readonly home: string;
  readonly book: string;
  readonly clock: Clock;
}

/** What became of a book that was flattened. */
export interface FlattenedBook extends HeldBefore {
  readonly flat: boolean;
}

/**
 * Brings a real-time book that no session holds to nothing; its lock is the caller's. Everything it takes stands in the book:
 * neither today's settings nor the strategy are asked, unless a session died over bars that have to be worked through
 * again. Throws `STATE.*` where the book cannot be opened, `STRATEGY.*` or `USAGE.BOOK_BOUND` where the strategy is needed
 * and is gone or another.
 */
export async function flattenBook(
  options: FlattenOptions,
  host: Omit<SessionHost, 'settings'>,
): Promise<FlattenedBook> {
  const { home, book, clock } = options;
  const bound = boundTo(home, book);
  const given = givenOf(bound, book);
  const begun: EpochMs = Number(bound.arguments['begun']);
  // The folder that the strategy's name was looked up in is part of the name by now.
  const request: RunRequest = { ...given.request, home, cwd: home, from: begun, to: clock.now() };
  const whole: SessionHost = { ...host, settings: given.settings };
  const spared = await flattened(await withoutStrategy(bound, given, request), bound, options, whole);
  if (spared !== undefined) return spared;
  const heard = heardPath(home, book);
  const prepared = await prepare(request, given.settings, marketOf(given, request, heard));
  const done = await flattened(prepared, bindingOf(prepared, begun, given.ground), options, whole, true);
  if (done === undefined) throw new Error('a session with its strategy can do everything again');
  return done;
}

/** Undefined, and nothing done, where the strategy has to be asked and is not there. */
async function flattened(
  prepared: Prepared,
  binding: Binding,
  { book: name, clock, who, reason }: FlattenOptions,
  host: SessionHost,
  asksStrategy = false,
): Promise<FlattenedBook | undefined> {
  const told = { onRecord: () => undefined, onEvent: () => undefined };
  const options = { book: name, locked: true, once: true, durationMs: undefined, clock, ...told };
  const supply = prepared.request.feed === undefined ? undefined : recordedSupply(prepared.market as FeedMarket);
  const { book, session } = await openSession(prepared, binding, options, host, supply);
  try {
    if (session.asksStrategy && !asksStrategy) return undefined;
    const { held, flat } = await session.flatten({ who, reason });
    return { ...held, flat };
  } finally {
    book.close();
  }
}

function boundTo(home: string, book: string): Binding {
  const folder = bookFolder(home, 'paper', book);
  const bound = readBinding(folder);
  if (bound?.kind === 'realtime') return bound;
  throw new FxError('STATE.NO_BOOK', {
    message: `${folder} is no book of a session that goes with the clock`,
    next: 'look at its book.json, or restore it from a backup',
    facts: { path: folder },
  });
}

/** Everything but the strategy: in its place one that wishes nothing and gives back the state that it was handed. */
function withoutStrategy(bound: Binding, given: Given, request: RunRequest): Promise<Prepared> {
  const definition: AnyStrategy = {
    name: bound.strategy,
    params: {},
    ...(given.preset === undefined ? {} : { preset: given.preset }),
    history: () => given.history,
    create: () => {
      let state: unknown = null;
      return {
        onSlice: () => undefined,
        save: () => state,
        load: (saved) => {
          state = saved;
        },
      };
    },
  };
  const file = /\.(ts|mjs|js)$/.test(given.request.strategy) ? { file: given.request.strategy } : {};
  const strategy = { definition, codeHash: bound.codeHash, ...file };
  // Nor are headlines needed: their file may be gone.
  const { news: _, ...bare } = request;
  return prepareWith(strategy, bound.params, bare, given.settings, marketOf(given, bare));
}

/** A book on a feed has what it trades with it, and its bars in its journal: no vendor is asked. */
function marketOf({ ground }: Given, request: RunRequest, heard?: string): Parameters<typeof prepare>[2] {
  if (ground === undefined) return undefined;
  return async (_, loaded) => withNews(await feedMarket(ground, request), request, loaded, heard);
}
