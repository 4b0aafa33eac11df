import type { RunRecord } from '../../../core/model/run-record.js';
import type { Break } from '../../../core/orders/reconcile.js';
import type { Recorded } from '../book.js';
import type { RunRequest } from '../inputs/request.js';
import type { LiveEnd } from '../live/live.js';
import type { FlattenInput } from '../realtime/flatten.js';
import type { FlattenedBook } from '../realtime/flatten-book.js';
import type { Swept } from '../sweep.js';

/** Work that can be done on another thread: plain data in, plain data out. */
export type Job =
  | { readonly kind: 'backtest'; readonly request: RunRequest }
  | {
      readonly kind: 'sweep';
      readonly request: RunRequest;
      readonly combinations: readonly Readonly<Record<string, string>>[];
    }
  | {
      readonly kind: 'replay';
      readonly request: RunRequest;
      readonly book: string;
      /** The lock of the book is held by the process that gives the job. */
      readonly locked: boolean;
      readonly speed: number;
      readonly durationMs: number | undefined;
      readonly once: boolean;
    }
  | {
      readonly kind: 'realtime';
      readonly request: RunRequest;
      readonly book: string;
      /** The lock of the book is held by the process that gives the job. */
      readonly locked: boolean;
      readonly durationMs: number | undefined;
      readonly once: boolean;
    }
  | LiveJob
  | ReconcileJob
  | FlattenJob;

/** Compares a live book that no session holds with its account. */
export interface ReconcileJob {
  readonly kind: 'reconcile';
  readonly request: RunRequest;
  readonly broker: string;
  readonly account: string;
  readonly book: string;
  /** Take the broker's word; who says so, and why. */
  readonly adopt: { readonly who: string; readonly reason: string } | undefined;
}

/** Brings a real-time paper book to nothing; the process that gives the job holds its lock. */
export interface FlattenJob extends FlattenInput {
  readonly kind: 'flatten';
  /** What the book was given at its last start. */
  readonly request: RunRequest;
  readonly book: string;
}

export interface LiveJob {
  readonly kind: 'live';
  readonly request: RunRequest;
  readonly broker: string;
  /** A person agreed to trade in this account, and in no other. */
  readonly account: string;
  readonly book: string | undefined;
  readonly shadow: boolean;
  readonly overrides: readonly { readonly line: string; readonly reason: string }[];
  readonly durationMs: number | undefined;
  readonly once: boolean;
}

export type JobResult =
  | { readonly kind: 'backtest'; readonly record: RunRecord }
  | ({ readonly kind: 'sweep' } & Swept)
  | {
      readonly kind: 'replay';
      readonly record: RunRecord;
      readonly finished: boolean;
      readonly rowsWorked: number;
      readonly resumedAt: number;
    }
  | { readonly kind: 'realtime'; readonly record: RunRecord; readonly decided: boolean; readonly missed: number }
  | ({ readonly kind: 'live' } & LiveEnd)
  | { readonly kind: 'reconcile'; readonly breaks: readonly Break[] }
  | ({ readonly kind: 'flatten' } & FlattenedBook);

/** What a job needs of the program, as plain data; the settings are loaded where the job runs. */
export interface JobWorld {
  readonly home: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly sets: readonly string[];
  readonly version: string;
  readonly startedAt: number;
}

/** Who listens to a job while it runs. */
export interface JobListener {
  readonly signal: AbortSignal;
  note(text: string): void;
  event(ts: number, what: Recorded): void;
  /** Something else that happened: a bar came, bars were missed. */
  told(kind: string, fields: Readonly<Record<string, unknown>>): void;
}
