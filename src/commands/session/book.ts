import { basename } from 'node:path';
import { FxError } from '../../core/base/errors.js';
import type { Effect } from '../../core/engine/effect.js';
import type { RunJournal } from '../../core/engine/run.js';
import type { EngineEvent, InputKind } from '../../core/model/event.js';
import { minorUnitOf } from '../../core/model/instruments.js';
import { type Binding, bind, readBinding } from '../../core/state/books/book-folder.js';
import { bookFolder } from '../../core/state/books/book-path.js';
import { Journal } from '../../core/state/books/journal.js';
import { JOURNAL_START } from '../../core/state/books/journal-check.js';
import { readSnapshot, type Snapshot, writeSnapshot } from '../../core/state/books/snapshot.js';
import { removeStaleFiles } from '../../core/state/books/stale-files.js';
import { ensureHome } from '../../core/state/home.js';
import { acquireLock } from '../../core/state/lock/lock.js';
import { RowFiles, readDays, readTrades } from '../../core/state/runs/row-files.js';
import { ensureDir } from '../../core/state/write.js';
import type { Desk, DeskPlan } from './desk.js';
import { setUpDesk } from './desk.js';
import type { Heartbeat } from './heartbeat.js';
import { approvalOf } from './inputs/approval.js';
import type { Prepared } from './inputs/prepare.js';

/** Most rows between two snapshots: what a kill costs. */
export const CHECKPOINT_ROWS = 900;

export interface OpenOptions {
  readonly book: string;
  /** This process has the lock of the book already and keeps it until the session is over. */
  readonly locked?: boolean;
}

/** A paper book that is open: its desk as it was left, its journal, its rows. */
export class Book {
  readonly folder: string;
  readonly desk: Desk;
  readonly journal: Journal;
  readonly rows: RowFiles;
  /** Rows worked through before this session. */
  readonly resumedRows: number;
  /** The book had come to the end of its data before. */
  readonly finished: boolean;
  /** Inputs of a real-time session that were recorded after the last snapshot. */
  readonly extra: unknown;
  /** The strategy cannot put its state back: bars that were worked through before are played again. */
  readonly replayed: boolean;
  readonly #release: () => void;

  private constructor(parts: {
    folder: string;
    desk: Desk;
    journal: Journal;
    rows: RowFiles;
    snapshot: Snapshot | undefined;
    replayed: boolean;
    release: () => void;
  }) {
    this.folder = parts.folder;
    this.desk = parts.desk;
    this.journal = parts.journal;
    this.rows = parts.rows;
    this.resumedRows = parts.snapshot?.rows ?? 0;
    this.finished = parts.snapshot?.finished ?? false;
    this.extra = (parts.snapshot?.state as SavedState | undefined)?.extra;
    this.#release = parts.release;
    this.replayed = parts.replayed;
  }

  /**
   * Takes the lock (unless this process took it before), checks what the book is bound to, and puts its desk back to where
   * the last snapshot left it.
   */
  static async open(
    prepared: Prepared,
    { book: name, locked }: OpenOptions,
    binding: Binding,
    asks: Pick<DeskPlan, 'halted' | 'heard'>,
    heartbeat?: Heartbeat,
  ): Promise<Book> {
    const { home } = prepared.request;
    ensureHome(home);
    const folder = bookFolder(home, 'paper', name);
    const lock = locked === true ? undefined : await acquireLock(folder);
    const release = () => lock?.release();
    try {
      ensureDir(folder);
      removeStaleFiles(folder);
      const bound = readBinding(folder);
      if (bound === undefined) bind(folder, binding);
      else {
        requireSame(bound, binding, name);
        // What opens the book again follows the last start: its strategy may lie elsewhere now.
        if (bound.arguments[GIVEN] !== binding.arguments[GIVEN])
          bind(folder, { ...bound, arguments: binding.arguments });
      }
      return Book.#restore(prepared, folder, asks, release, heartbeat);
    } catch (error) {
      release();
      throw error;
    }
  }

  static #restore(
    prepared: Prepared,
    folder: string,
    asks: Pick<DeskPlan, 'halted' | 'heard'>,
    release: () => void,
    heartbeat: Heartbeat | undefined,
  ): Book {
    const { request, market, definition, params, loaded, costs, capital, currency } = prepared;
    const { risk: limits, sizing } = loaded.settings;
    const newest = readSnapshot(folder);
    const { configHash } = prepared;
    const approval = approvalOf(prepared, { mode: 'paper', broker: 'sim', account: basename(folder), configHash });
    const plan = { request, market, definition, params, limits, sizing, costs, capital, currency, ...asks, approval };
    const digits = minorUnitOf(currency);
    const probe = newest === undefined ? undefined : setUpDesk(plan, new DetachedRows());
    // Without a strategy that can put its state back, the bars are played again from the first one.
    const usable = newest !== undefined && (newest.finished || (probe !== undefined && isResumable(probe)));
    const snapshot = usable ? newest : undefined;
    // The journal first: a damaged book is refused before any of its files is touched.
    const journal = new Journal(folder, { from: snapshot?.journal ?? JOURNAL_START });
    const rows = new RowFiles(folder, digits, snapshot?.offsets);
    const desk = setUpDesk(plan, rows, heartbeat);
    if (snapshot !== undefined) loadDesk(desk, snapshot, folder);
    const replayed = newest !== undefined && !usable;
    return new Book({ folder, desk, journal, rows, snapshot, replayed, release });
  }

  /** What the runner records goes into the journal as it is. */
  recorder(onRecord?: (ts: number, what: Recorded) => void): RunJournal {
    return {
      record: (ts, what) => {
        const { kind, ...fields } = what;
        this.journal.append(ts, kind, fields);
        onRecord?.(ts, what);
      },
    };
  }

  /** Journal first, rows next, snapshot last: whatever dies in between, the snapshot never knows more than the files. */
  checkpoint(rows: number, finished: boolean, extra: unknown = null): void {
    this.journal.flush(true);
    const offsets = this.rows.flush(true);
    this.journal.head();
    const { engine, broker, recorder } = this.desk;
    const state: SavedState = { engine: engine.save(), broker: broker.save(), recorder: recorder.save(), extra };
    writeSnapshot(this.folder, { version: 1, rows, journal: this.journal.position, offsets, finished, state });
  }

  close(): void {
    try {
      this.journal.close();
      this.rows.close();
    } finally {
      this.#release();
    }
  }
}

export type Recorded = Exclude<EngineEvent, { kind: InputKind }> | Effect;

interface SavedState {
  readonly engine: unknown;
  readonly broker: unknown;
  readonly recorder: unknown;
  readonly extra: unknown;
}

function isResumable(desk: Desk): boolean {
  return desk.strategy.save !== undefined && desk.strategy.load !== undefined;
}

function loadDesk(desk: Desk, snapshot: Snapshot, folder: string): void {
  const state = snapshot.state as SavedState;
  desk.broker.load(state.broker);
  // Before the engine: its orders are the ones whose rows are to be written, not the recorder's copies.
  desk.recorder.load(state.recorder, {
    days: readDays(folder, snapshot.offsets.returns),
    trades: readTrades(folder, snapshot.offsets.trades),
  });
  desk.engine.load(state.engine, desk.broker.bars);
}

/** Rows of a desk that is only asked whether it can be resumed. */
class DetachedRows {
  equity(): void {}
  day(): void {}
  trade(): void {}
  order(): void {}
}

/** What a user would call each part of a binding. */
const WORDS: Readonly<Partial<Record<keyof Binding, string>>> = {
  kind: 'a replay and real time share no book',
  strategy: 'another strategy',
  codeHash: 'the code of the strategy changed',
  params: 'other parameters (--param)',
  configHash: 'other settings or flags (config.json, --set, --capital, --costs, --fill, --from, --to, --instruments …)',
  dataHash: 'other data',
  arguments: 'another seed or other flags',
};

/** Among a binding's arguments: what it takes to open the book again. Nobody is refused for it, and old books lack it. */
export const GIVEN = 'given';

function boundText(binding: Binding, key: keyof Binding): string {
  const value = binding[key];
  return JSON.stringify(key === 'arguments' ? { ...binding.arguments, [GIVEN]: undefined } : value);
}

function requireSame(bound: Binding, wanted: Binding, name: string): void {
  const differ = (Object.keys(bound) as (keyof Binding)[]).filter((key) => {
    if (key === 'startedAt' || key === 'version') return false;
    // A real-time book follows the newest prices: its data grows.
    if (key === 'dataHash' && bound.kind === 'realtime') return false;
    return boundText(bound, key) !== boundText(wanted, key);
  });
  if (differ.length === 0) return;
  throw new FxError('USAGE.BOOK_BOUND', {
    message: `the book ${name} was begun with other arguments: ${differ.map((key) => WORDS[key] ?? key).join('; ')}`,
    next: 'repeat the command that began it, or begin another book with --book NAME',
    facts: { book: name, differ },
  });
}
