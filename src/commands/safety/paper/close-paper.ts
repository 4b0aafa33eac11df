import { join } from 'node:path';
import { FxError } from '../../../core/base/errors.js';
import { instrumentId } from '../../../core/model/ids.js';
import { readBinding } from '../../../core/state/books/book-folder.js';
import { type BookFacts, bookFacts } from '../../../core/state/emergency/book-facts.js';
import { type HeldOrder, readHoldings } from '../../../core/state/emergency/holdings.js';
import { acquireLock } from '../../../core/state/lock/lock.js';
import { livingHolder } from '../../../core/state/lock/lock-file.js';
import type { FlattenedBook } from '../../session/realtime/flatten-book.js';
import { type CloseTask, type DeskClose, type DeskPlan, patiently } from '../close-desk.js';
import { stopHolders } from '../engines.js';
import type { NamedOrder } from '../halt-desk.js';

const BROKER = 'sim';

export interface PaperBooks {
  /** They go with the clock. */
  readonly books: readonly BookFacts[];
  /** A replay is history: what it holds at its end stays as it was. */
  readonly notes: readonly string[];
}

/** The paper books that a close-all of this scope is about. */
export function paperBooks(home: string, broker: string | undefined, book: string | undefined): PaperBooks {
  if (broker !== undefined && broker !== BROKER) return { books: [], notes: [] };
  const paper = bookFacts(home, book).filter(({ mode }) => mode === 'paper');
  const replays = paper.filter(({ kind, folder }) => kind === 'replay' && readHoldings(folder).positions.length > 0);
  return {
    books: paper.filter(({ kind }) => kind === 'realtime'),
    notes: replays.map(({ name }) => `${name} is a replay: history, which is not touched`),
  };
}

/** What would be done with a paper book, by its journal; undefined where there is nothing to do. */
export function planPaper({ name, folder }: BookFacts): DeskPlan | undefined {
  const { positions, orders } = readHoldings(folder);
  if (positions.length + orders.length === 0 && livingHolder(folder) === undefined) return undefined;
  return {
    broker: BROKER,
    account: name,
    cancel: orders.map((order) => heldOrder(name, order)),
    close: positions.map(({ instrument, units }) => ({
      instrument: instrumentId(instrument),
      side: units > 0 ? 'sell' : 'buy',
      units: Math.abs(units),
      type: 'market',
    })),
    left: [],
    unknown: null,
  };
}

/**
 * Brings a paper book to nothing: its session is stopped, its lock taken, its positions closed at the last known prices.
 * Whatever goes wrong is what is left and why; an account at a broker must not go unanswered for play money.
 */
export async function closePaper(facts: BookFacts, task: CloseTask): Promise<DeskClose> {
  const { folder } = facts;
  const stopped = await stopHolders([folder], task.time);
  let lock: { release(): void } | undefined;
  try {
    lock = await patiently(task.time, () => acquireLock(folder));
    return closedBook(facts, stopped, await flatten(facts, task));
  } catch (error) {
    return leftBook(facts, stopped, error as Error);
  } finally {
    lock?.release();
  }
}

async function flatten({ folder, book }: BookFacts, task: CloseTask): Promise<FlattenedBook> {
  const { home, cwd, env, clock } = task.from;
  const [{ givenOf }, { doJob }] = await Promise.all([
    import('../../session/realtime/binding.js'),
    import('../../session/threads/pool.js'),
  ]);
  const bound = readBinding(folder);
  if (bound === undefined) throw damaged(folder);
  const { request, settings } = givenOf(bound, book);
  const { who, reason, version } = task;
  const world = { home, cwd, env: { ...env }, sets: [], version, startedAt: clock.now() };
  // What has begun is brought to its end, whatever is typed meanwhile.
  const signal = new AbortController().signal;
  const listener = { signal, note: () => undefined, event: () => undefined, told: () => undefined };
  const job = { kind: 'flatten', request: { ...request, home, cwd: home }, book, who, reason } as const;
  const result = await doJob(job, world, listener, settings.settings.strategy.timeoutMs);
  if (result.kind !== 'flatten') throw new Error('a flatten answers with what it closed');
  return result;
}

function closedBook(facts: BookFacts, stopped: readonly number[], done: FlattenedBook): DeskClose {
  const at = { broker: BROKER, account: facts.name };
  return {
    ...answerOf(facts, stopped),
    closed: done.positions.map(({ instrument, units, price, mid }) => {
      return { ...at, instrument, units, price, mid: Number.isFinite(mid) ? mid : null, orders: 1 };
    }),
    cancelled: done.orders.map(({ id, clientId, intent, filledUnits }) => ({
      ...at,
      venueId: id,
      clientId: clientId === '' ? null : clientId,
      ours: true,
      instrument: intent.instrument,
      side: intent.side,
      units: intent.units - filledUnits,
      type: intent.type,
      price: intent.price ?? intent.stopPrice ?? null,
    })),
    flat: done.flat,
  };
}

/** Flat is what holds nothing: a book that cannot be opened and holds nothing keeps nobody from being flat. */
function leftBook(facts: BookFacts, stopped: readonly number[], error: Error): DeskClose {
  const { positions, orders } = readHoldings(facts.folder);
  const [reason, next] = [error.message, nextOf(error)];
  const flat = positions.length + orders.length === 0;
  const isOld = error instanceof FxError && error.code === 'STATE.NOT_GIVEN';
  return {
    ...answerOf(facts, stopped),
    residual: positions.map(({ instrument, units }) => {
      return { broker: BROKER, account: facts.name, instrument: instrumentId(instrument), units, reason, next };
    }),
    notCancelled: orders.map((order) => ({ ...heldOrder(facts.name, order), reason })),
    flat,
    journal: null,
    journalWhy: flat && isOld ? null : reason,
  };
}

function answerOf({ name, folder }: BookFacts, stopped: readonly number[]): DeskClose {
  return {
    broker: BROKER,
    account: name,
    closed: [],
    residual: [],
    cancelled: [],
    notCancelled: [],
    flat: null,
    unknown: null,
    stopped,
    journal: join(folder, 'journal.ndjson'),
    journalWhy: null,
  };
}

function nextOf(error: Error): string {
  const ours = error instanceof FxError ? error : undefined;
  if (ours === undefined) return 'it is play money: begin another book with --book NAME';
  const isStrategy = ours.code.startsWith('STRATEGY.') || ours.code === 'USAGE.BOOK_BOUND';
  if (!isStrategy) return ours.next;
  return 'put the strategy back as it was and run fxtrade close-all again, or begin another book with --book NAME';
}

function heldOrder(account: string, order: HeldOrder): NamedOrder {
  const { orderId, clientId, instrument, side, units, filledUnits, type, price, stopPrice } = order;
  return {
    broker: BROKER,
    account,
    venueId: orderId,
    clientId,
    ours: true,
    instrument,
    side: side === 'buy' || side === 'sell' ? side : null,
    units: units - filledUnits,
    type,
    price: price ?? stopPrice,
  };
}

function damaged(folder: string): FxError {
  return new FxError('STATE.DAMAGED', {
    message: `${folder} has no book.json`,
    next: `restore ${folder} from a backup, or keep it aside: mv ${folder} ${folder}.damaged`,
    facts: { path: folder },
  });
}
