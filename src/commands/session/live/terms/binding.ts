import { FxError } from '../../../../core/base/errors.js';
import type { Venue, VenueAccount } from '../../../../core/ports/venue.js';
import type { Binding } from '../../../../core/state/books/book-folder.js';
import { type Prepared, sha256 } from '../../inputs/prepare.js';
import type { RunRequest } from '../../inputs/request.js';

export interface Begun {
  readonly at: number;
  readonly cursor: string;
  readonly capital: number;
}

/** A book remembers when it began, and what was there then. */
export function begunOf(bound: Binding | undefined, now: number, account: VenueAccount): Begun {
  if (bound === undefined) return { at: now, cursor: account.cursor, capital: account.cash };
  const { begunAt, begunCursor, capital } = bound.arguments;
  return { at: Number(begunAt), cursor: begunCursor ?? '', capital: Number(capital) };
}

export function bindingOf(
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
      ...(request.news === undefined ? {} : { news: request.news }),
      capital: String(begun.capital),
      begunAt: String(begun.at),
      begunCursor: begun.cursor,
    },
    startedAt: new Date(begun.at).toISOString(),
  };
}

/** Code and settings may change between sessions; account, strategy and market are what the book is about. */
export function requireSameBook(bound: Binding, wanted: Binding, name: string): void {
  const same = (['kind', 'strategy', 'params', 'arguments'] as const).filter(
    (key) => JSON.stringify(bound[key]) !== JSON.stringify(wanted[key]),
  );
  if (same.length === 0) return;
  throw new FxError('USAGE.BOOK_BOUND', {
    message: `the book ${name} was begun with other ${same.join(', ')}`,
    next: 'repeat the command that began it, or begin another book with --book NAME',
    facts: { book: name, differ: same },
  });
}
