import { FxError } from '../../../../core/base/errors.js';
import type { ClientId, OrderId } from '../../../../core/model/ids.js';
import type { Journal, JournalRecord } from '../../../../core/state/books/journal.js';
import { isMade, isSameRecord } from './same-record.js';

/** Where a log stands, by the number of its last record. */
export interface LogPosition {
  readonly seq: number;
}

/**
 * The journal of a live book while a restart catches up, and after. What happened after the last snapshot is done again, in
 * the order of the records: an input is taken from the journal, and what it leads to must be what it led to before, so it is
 * checked off and not written a second time. When the old records are used up, new ones are written.
 */
export class TailLog {
  readonly #journal: Journal;
  readonly #tail: readonly JournalRecord[];
  readonly #start: number;
  #done = 0;

  constructor(journal: Journal, tail: readonly JournalRecord[], start: number) {
    this.#journal = journal;
    this.#tail = tail;
    this.#start = start;
  }

  /** The old records, all of them. */
  get records(): readonly JournalRecord[] {
    return this.#tail;
  }

  get position(): LogPosition {
    return this.#isCaughtUp ? this.#journal.position : { seq: this.#start + this.#done };
  }

  /** Client ids that orders of the old records carry: an order that is decided again is the same order. */
  clientIds(): ReadonlyMap<OrderId, ClientId> {
    const ids = new Map<OrderId, ClientId>();
    for (const { type, order } of this.#tail) {
      const known = order as { id: OrderId; clientId: ClientId } | undefined;
      if ((type === 'submit' || type === 'ask') && known !== undefined) ids.set(known.id, known.clientId);
    }
    return ids;
  }

  /** The next old record that is to be done again; undefined when all are. */
  next(): JournalRecord | undefined {
    return this.#tail[this.#done];
  }

  /** The next input to be done again: what an input led to before must have been checked off with it. */
  nextInput(): JournalRecord | undefined {
    const old = this.next();
    if (old !== undefined && isMade(old)) throw diverged(old, 'nothing');
    return old;
  }

  /** The next old record stands as it is. */
  keep(): void {
    this.#done++;
  }

  append(ts: number, type: string, fields: object): void {
    const old = this.#tail[this.#done];
    if (old === undefined) {
      this.#journal.append(ts, type, fields);
      return;
    }
    if (!isSameRecord(old, type, fields as Readonly<Record<string, unknown>>)) throw diverged(old, type);
    this.#done++;
  }

  flush(sync: boolean): void {
    if (this.#isCaughtUp) this.#journal.flush(sync);
  }

  get #isCaughtUp(): boolean {
    return this.#done >= this.#tail.length;
  }
}

/** What was recorded after the last snapshot was decided by another program, strategy or chance. */
export function isDiverged(error: unknown): error is FxError {
  return error instanceof FxError && error.code === 'STATE.DIVERGED';
}

function diverged(old: JournalRecord, type: string): FxError {
  const was = String(old['type']);
  return new FxError('STATE.DIVERGED', {
    message: `record ${old['seq']} is a ${was}, and going over it again made ${type === was ? 'another one' : `a ${type}`}`,
    next: 'the strategy is not deterministic, or the program changed: flatten with fxtrade close-all, then begin a new book with --book NAME',
    facts: { seq: Number(old['seq']), was, now: type },
  });
}
