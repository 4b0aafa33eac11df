import { type ApprovalRequest, driftBps } from '../../core/approvals/request.js';
import { FxError } from '../../core/base/errors.js';
import { type FoundDecision, Inbox } from '../../core/state/approvals/inbox.js';
import { type BookPlace, findBooks } from '../../core/state/books/journal-reader.js';

/** A question of a book, and what lies in the place of its answer. */
export interface Asked {
  readonly book: BookPlace;
  readonly inbox: Inbox;
  readonly request: ApprovalRequest;
  readonly found: FoundDecision;
  /** How far the price has gone since it was proposed, bps; null where the session has shown none. */
  readonly driftBps: number | null;
}

/** A file in the place of a question that is not what a session wrote. */
export interface Untrusted {
  readonly book: string;
  readonly id: string;
  readonly why: string;
}

export interface FoundAsked {
  readonly asked: readonly Asked[];
  readonly untrusted: readonly Untrusted[];
}

/** Every question in the inboxes of a home, oldest first, answered ones too; `book` is a name with or without its mode. */
export function findAsked(home: string, book: string | undefined): FoundAsked {
  const asked: Asked[] = [];
  const untrusted: Untrusted[] = [];
  for (const place of booksOf(home, book)) {
    const inbox = new Inbox(place.folder);
    const prices = inbox.prices()?.prices ?? {};
    for (const found of inbox.requests()) {
      if ('why' in found) {
        untrusted.push({ book: place.name, id: found.id, why: found.why });
        continue;
      }
      const { request } = found;
      const price = prices[request.instrument];
      const drift = price === undefined ? null : Math.round(driftBps(request.referencePrice, price) * 100) / 100;
      asked.push({ book: place, inbox, request, found: inbox.decision(found.id), driftBps: drift });
    }
  }
  return { asked: asked.sort((a, b) => a.request.askedAt - b.request.askedAt), untrusted };
}

/** True while a person can still answer. */
export function isWaiting({ request, found }: Asked, now: number): boolean {
  return found.kind === 'none' && now < request.expiresAt;
}

/** The one question of that id. Throws `USAGE.*` when there is none, or one in several books; `STATE.*` when it is not trusted. */
export function oneAsked({ asked, untrusted }: FoundAsked, id: string, now: number): Asked {
  const same = asked.filter(({ request }) => request.id === id);
  const open = same.filter((one) => isWaiting(one, now));
  const [found, other] = open.length > 0 ? open : same;
  if (found !== undefined && other === undefined) return found;
  if (found !== undefined) {
    const books = (open.length > 0 ? open : same).map(({ book }) => book.name);
    throw new FxError('USAGE.AMBIGUOUS', {
      message: `${books.length} books ask about an order ${id}: ${books.join(', ')}`,
      next: `say which: --book ${books[0]}`,
      facts: { id, books },
    });
  }
  const bad = untrusted.find((one) => one.id === id);
  if (bad !== undefined) throw notTrusted(bad);
  const waiting = asked.filter((one) => isWaiting(one, now)).map(({ request }) => request.id);
  throw new FxError('USAGE.UNKNOWN_ORDER', {
    message: `no order ${JSON.stringify(id)} waits for an answer`,
    next: waiting.length === 0 ? 'nothing waits: fxtrade approve --list' : `orders that wait: ${waiting.join(', ')}`,
    facts: { id, waiting },
  });
}

function booksOf(home: string, book: string | undefined): readonly BookPlace[] {
  const books = findBooks(home, book);
  if (books.length > 0 || book === undefined) return books;
  const all = findBooks(home, undefined).map(({ name }) => name);
  throw new FxError('USAGE.NO_BOOK', {
    message: `there is no book ${JSON.stringify(book)}`,
    next: all.length === 0 ? 'begin one first: fxtrade paper' : `choose one of: ${all.join(', ')}`,
    facts: { home, books: all },
  });
}

function notTrusted({ book, id, why }: Untrusted): FxError {
  return new FxError('APPROVAL.NOT_TRUSTED', {
    message: `the question about ${id} in ${book} cannot be trusted: ${why}`,
    next: 'find out who changed it; a session that is started anew asks again',
    facts: { book, id, why },
  });
}
