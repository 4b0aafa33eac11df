import type { FxError } from '../../../../core/base/errors.js';
import { run } from '../../../../core/engine/run.js';
import type { EpochMs } from '../../../../core/model/ids.js';
import type { BarBatch } from '../../../../core/model/market.js';
import type { Order, Trade } from '../../../../core/model/order.js';
import { LiveOrders } from '../../../../core/orders/live-orders.js';
import { replayClock } from '../../../../core/ports/clock.js';
import type { RowSink } from '../../../../core/ports/sink.js';
import { Journal, type JournalStamp } from '../../../../core/state/books/journal.js';
import { JOURNAL_START } from '../../../../core/state/books/journal-check.js';
import { readSnapshot, writeSnapshot } from '../../../../core/state/books/snapshot.js';
import { type FileCalls, REAL_FILES } from '../../../../core/state/file-calls.js';
import { RowFiles, readDays, readTrades } from '../../../../core/state/runs/row-files.js';
import { type Desk, type DeskPlan, setUpDesk } from '../../desk.js';
import type { Heartbeat } from '../../heartbeat.js';
import { TailLog } from './tail-log.js';

export interface LiveBookOptions {
  readonly folder: string;
  readonly plan: DeskPlan;
  readonly digits: number;
  readonly heartbeat: Heartbeat | undefined;
  readonly clockNow: () => EpochMs;
  readonly stamp: () => JournalStamp;
  readonly onFailure: (error: FxError) => void;
  /** Default: the machine's disk. */
  readonly files?: FileCalls;
  /** Bars up to a close, for a strategy that cannot put its state back: what it knew is learnt from them again. */
  warmUp(until: EpochMs): AsyncIterable<BarBatch>;
}

interface SavedLive {
  readonly engine: unknown;
  readonly broker: unknown;
  readonly recorder: unknown;
  readonly orders: unknown;
  readonly extra: unknown;
}

/** A live book that is open: its desk as the last snapshot left it, its orders, and a log that catches up. */
export class LiveBook {
  readonly folder: string;
  readonly desk: Desk;
  readonly journal: Journal;
  readonly log: TailLog;
  readonly rows: RowFiles;
  readonly orders: LiveOrders;
  /** Null for a book that has no snapshot. */
  readonly extra: unknown;
  readonly #files: FileCalls;
  #worked: number;

  private constructor(parts: Omit<LiveBookParts, 'worked'>, worked: number) {
    this.folder = parts.folder;
    this.desk = parts.desk;
    this.journal = parts.journal;
    this.log = parts.log;
    this.rows = parts.rows;
    this.orders = parts.orders;
    this.extra = parts.extra;
    this.#files = parts.files;
    this.#worked = worked;
  }

  /** The caller holds the book's lock. Throws `STATE.*` when what is on disk is not what was written. */
  static async open(options: LiveBookOptions): Promise<LiveBook> {
    const { folder, plan, digits, heartbeat, files = REAL_FILES } = options;
    const snapshot = readSnapshot(folder, files);
    const saved = snapshot?.state as SavedLive | undefined;
    const rows = new RowFiles(folder, digits, snapshot?.offsets, files);
    const journal = new Journal(folder, {
      fs: files,
      recoveredAt: options.clockNow,
      stamp: options.stamp,
      onFailure: options.onFailure,
    });
    const from = snapshot?.journal ?? JOURNAL_START;
    const log = new TailLog(journal, journal.recordsAfter(from), from.seq);
    const known = log.clientIds();
    const { venue } = plan;
    const mint = venue?.mint;
    const withIds =
      mint === undefined || venue === undefined
        ? plan
        : { ...plan, venue: { ...venue, mint: (id: Parameters<typeof mint>[0]) => known.get(id) ?? mint(id) } };
    const orders = new LiveOrders();
    const sink = new QuietRows(rows);
    const desk = setUpDesk(withIds, sink, heartbeat);
    if (snapshot !== undefined && saved !== undefined) {
      await warm(desk, saved, options);
      desk.broker.load(saved.broker);
      desk.recorder.load(saved.recorder, {
        days: readDays(folder, snapshot.offsets.returns, files),
        trades: readTrades(folder, snapshot.offsets.trades, files),
      });
      desk.engine.load(saved.engine, desk.broker.bars);
      orders.load(saved.orders);
    }
    sink.isQuiet = false;
    const extra = saved?.extra ?? null;
    return new LiveBook({ folder, desk, journal, log, rows, orders, extra, files }, snapshot?.rows ?? 0);
  }

  /** Nothing may wait to be sent: what a snapshot holds is settled. */
  checkpoint(bars: number, extra: unknown): void {
    this.#worked += bars;
    this.journal.flush(true);
    const offsets = this.rows.flush(true);
    this.journal.head();
    const { engine, broker, recorder } = this.desk;
    const state: SavedLive = {
      engine: engine.save(),
      broker: broker.save(),
      recorder: recorder.save(),
      orders: this.orders.save(),
      extra,
    };
    const rows = this.#worked;
    const snapshot = { version: 1, rows, journal: this.journal.position, offsets, finished: false, state } as const;
    writeSnapshot(this.folder, snapshot, this.#files);
  }

  close(): void {
    try {
      this.journal.close();
    } finally {
      this.rows.close();
    }
  }
}

interface LiveBookParts {
  readonly folder: string;
  readonly desk: Desk;
  readonly journal: Journal;
  readonly log: TailLog;
  readonly rows: RowFiles;
  readonly orders: LiveOrders;
  readonly extra: unknown;
  readonly files: FileCalls;
}

/** Rows of the past are in the files already. */
class QuietRows implements RowSink {
  isQuiet = true;
  readonly #rows: RowSink;

  constructor(rows: RowSink) {
    this.#rows = rows;
  }

  equity(ts: EpochMs, equity: number, cash: number, drawdown: number): void {
    if (!this.isQuiet) this.#rows.equity(ts, equity, cash, drawdown);
  }

  day(day: number, dayReturn: number): void {
    if (!this.isQuiet) this.#rows.day(day, dayReturn);
  }

  trade(trade: Trade): void {
    if (!this.isQuiet) this.#rows.trade(trade);
  }

  order(order: Order): void {
    if (!this.isQuiet) this.#rows.order(order);
  }
}

/** Plays the past to a strategy that has no `save`, with decisions held back, before everything else is put in its place. */
async function warm(desk: Desk, saved: SavedLive, options: LiveBookOptions): Promise<void> {
  const { strategy, engine } = desk;
  if (strategy.save !== undefined && strategy.load !== undefined) return;
  const until = (saved.extra as { last: EpochMs } | null)?.last;
  if (until === undefined) return;
  engine.holdUntil(Number.POSITIVE_INFINITY);
  await run({
    ...desk,
    recorder: desk.recorder,
    clock: replayClock(0),
    market: options.warmUp(until),
    signal: new AbortController().signal,
  });
}
