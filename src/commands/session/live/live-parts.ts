import type { Release } from '../../../core/dispatch/dispatcher.js';
import type { CancelErrand } from '../../../core/dispatch/outbox.js';
import type { ClientId, EpochMs, OrderId } from '../../../core/model/ids.js';
import type { Break } from '../../../core/orders/reconcile.js';
import type { Stopwatch } from '../../../core/ports/clock.js';
import type { Cursor, Venue } from '../../../core/ports/venue.js';
import type { RiskLimits } from '../../../core/risk/rule.js';
import type { FileCalls } from '../../../core/state/file-calls.js';
import type { HaltLine } from '../../../core/state/halt-file.js';
import type { LastGood } from '../../../feeds/live/last-good.js';
import type { Trader } from '../halts.js';
import type { Prepared } from '../inputs/prepare.js';
import type { DecidedUnder } from './book/decided-under.js';
import type { InputParts } from './inputs.js';
import type { SecondSource } from './market/second-source.js';

export interface LiveParts extends InputParts {
  readonly prepared: Prepared;
  readonly venue: Venue;
  readonly trader: Trader;
  readonly shadow: boolean;
  /** Kept for the next session to compare with. */
  readonly limits: RiskLimits;
  /** As the last snapshot left it; undefined for a book that has none. */
  readonly saved: SavedSession | undefined;
  /** Where time and the venue's record stood when the book began. */
  readonly begun: { readonly at: EpochMs; readonly cursor: Cursor };
  /** Default: the machine's disk. */
  readonly files?: FileCalls;
  /** What ages and windows are measured with. */
  readonly stopwatch: Stopwatch;
  /** The newest good price of each instrument, as the broker tells it. */
  readonly quotes: LastGood;
  readonly second?: SecondSource;
  /** Why the disk has too little room for something new, or undefined. */
  room?(): string | undefined;
  fence(): Promise<Release>;
  /** Ids of an order that the engine does not make. */
  mint(): { readonly id: OrderId; readonly clientId: ClientId };
  pause(ms: number): Promise<void>;
  /** The session is told to end: nothing new leaves, and nothing is waited for. */
  isStopping?(): boolean;
  onEvent(kind: string, fields: Readonly<Record<string, unknown>>): void;
}

/** What a snapshot keeps of a session, beside engine and orders. */
export interface SavedSession {
  readonly last: EpochMs;
  readonly cursor: Cursor;
  readonly breaks: readonly Break[];
  readonly latched: readonly HaltLine[];
  readonly halts: readonly HaltLine[];
  /** Those that the last trading session stood under. */
  readonly limits: RiskLimits;
  /** What was decided after the snapshot was decided under these. */
  readonly under: DecidedUnder;
  /** The venue's past was not learnt from yet. */
  readonly isNew: boolean;
  /** What was to be taken back at the venue when the settings changed, and is not recorded under the new ones yet. */
  readonly cancels?: readonly CancelErrand[];
}

/** Bars before the first decision that indicators may learn from. */
export const WARM_UP_BARS = 5_000;
