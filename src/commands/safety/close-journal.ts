import { join } from 'node:path';
import { namePart } from '../../core/base/names.js';
import type { ClientId } from '../../core/model/ids.js';
import { type LiveOrder, LiveOrders } from '../../core/orders/live-orders.js';
import type { OrderRecord } from '../../core/orders/records.js';
import { systemStopwatch } from '../../core/ports/clock.js';
import { accountFolder } from '../../core/state/books/book-path.js';
import { Journal } from '../../core/state/books/journal.js';
import { programHash } from '../../core/state/books/program-hash.js';
import { journalWrittenAt } from '../../core/state/emergency/book-facts.js';
import { OUTSIDE, readOrderLog } from '../../core/state/emergency/order-log.js';
import { bootId } from '../../core/state/lock/boot-id.js';
import { acquireLock } from '../../core/state/lock/lock.js';
import { ensureDir } from '../../core/state/write.js';
import type { Desk, Surroundings } from './desks.js';

/** Where a close-all keeps what it does: the book's journal, one of its own, or nothing but memory. */
export interface CloseJournal {
  /** What the book has of orders. */
  readonly orders: LiveOrders;
  /** File that is written; null when nothing can be. */
  readonly path: string | null;
  /** Why not everything is in the book's own journal. */
  why(): string | undefined;
  append(type: string, fields: object): void;
  /** Sent by the account's other books and not answered. */
  readonly others: readonly LiveOrder[];
  /** Named by a damaged journal, and nothing else is known of them. */
  readonly strays: readonly ClientId[];
  note(record: OrderRecord): void;
  durable(): void;
  close(): void;
}

/**
 * Opens the journal of the book that was written last. A crash in the middle must not close twice, so what is sent stands on
 * disk first. Where that is impossible the closes go on without: an open position is worse than a missing line, and it is said.
 * Throws `STATE.BUSY` while another process has the account.
 */
export async function openCloseJournal(desk: Desk, from: Surroundings, version: string): Promise<CloseJournal> {
  const { home } = from;
  const book = newest(desk);
  const own = join(home, 'evidence', 'close-all', `${desk.broker}-${namePart(desk.account)}`);
  const why: string[] = [];
  for (const folder of book === undefined ? [own] : [book, own]) {
    try {
      return await opened(folder, desk, from, version, why.at(-1));
    } catch (error) {
      if ((error as { code?: unknown }).code === 'STATE.BUSY') throw error;
      why.push((error as Error).message);
    }
  }
  const nothing = (): void => undefined;
  return {
    ...doubtsBeside(book, desk),
    orders: book === undefined ? new LiveOrders() : ordersOf(book),
    path: null,
    why: () => why.at(-1),
    append: nothing,
    note: nothing,
    durable: nothing,
    close: nothing,
  };
}

async function opened(
  folder: string,
  desk: Desk,
  from: Surroundings,
  version: string,
  why: string | undefined,
): Promise<CloseJournal> {
  const { home, clock } = from;
  ensureDir(folder);
  const locks = [await acquireLock(accountFolder(home, desk.broker, desk.account))];
  const release = (): void => {
    for (const lock of locks.reverse()) lock.release();
  };
  try {
    locks.push(await acquireLock(folder));
    const orders = ordersOf(folder);
    const stopwatch = systemStopwatch();
    const boot = bootId();
    const build = `${version}+${programHash()}`;
    const stamp = () => ({ mono: Math.round(stopwatch.mono()), boot, build });
    const journal = new Journal(folder, { recoveredAt: () => clock.now(), stamp });
    let trouble = why;
    // A disk that fails on the way does not stop the closes: an open position is worse than a missing line.
    const guarded = (write: () => void): void => {
      try {
        write();
      } catch (error) {
        trouble = (error as Error).message;
      }
    };
    const append = (type: string, fields: object): void => guarded(() => journal.append(clock.now(), type, fields));
    return {
      ...doubtsBeside(folder, desk),
      orders,
      path: journal.path,
      why: () => trouble,
      append,
      note(record) {
        const { type, ...fields } = record;
        // What the broker told: a session asks for it again itself, and books it then.
        if (type === 'venue') append(OUTSIDE, { record });
        else append(type, fields);
      },
      durable: () => guarded(() => journal.flush(true)),
      close() {
        try {
          guarded(() => journal.close());
        } finally {
          release();
        }
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

function ordersOf(folder: string): LiveOrders {
  try {
    return readOrderLog(folder).orders;
  } catch {
    return new LiveOrders();
  }
}

/** What the account's other books, and those that cannot be written, have sent without an answer; `folder` is the one in use. */
function doubtsBeside(folder: string | undefined, { books }: Desk): Pick<CloseJournal, 'others' | 'strays'> {
  const others: LiveOrder[] = [];
  const strays: ClientId[] = [];
  for (const book of books) {
    try {
      const log = readOrderLog(book.folder);
      if (book.folder !== folder) others.push(...log.orders.inDoubt());
      strays.push(...log.strays);
    } catch {
      // Nothing of it can be read: no order is known from there.
    }
  }
  return { others, strays };
}

function newest({ books }: Desk): string | undefined {
  return books.map(({ folder }) => folder).sort((a, b) => journalWrittenAt(b) - journalWrittenAt(a))[0];
}
