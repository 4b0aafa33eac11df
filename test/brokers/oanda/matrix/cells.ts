import type { Reply } from './meddler.js';

/** Whether the risk gate counts the order against the limits afterwards. */
export type Counts = 'counts' | 'is free';

/** What one reply does to one kind of request. Every word is written by hand; nothing here asks the program. */
export interface Cell {
  /** What the adapter says of it. */
  readonly outcome: string;
  readonly counts: Counts;
  /** What may be sent next, and only that. */
  readonly next: Next;
  /** Records that the journal gets, in order. */
  readonly record: string;
  /** What comes of it when the venue can be read again: records, or who decides. */
  readonly later?: string;
  /** What the venue's own ledger has of the order at the end. */
  readonly there: 'filled' | 'half filled' | 'cancelled' | 'refused' | 'nothing';
}

export type Next =
  /** The order lives or has filled: whatever shrinks it. Never the order itself. */
  | 'what reduces'
  /** Nothing but questions about it. */
  | 'look-ups'
  /** Nothing of it ever again; a new decision makes a new order. */
  | 'a new decision'
  | 'anything'
  | 'the same cancel'
  | 'the same read'
  | 'the stream again, and a read';

export interface Row {
  readonly name: string;
  readonly reply: Reply;
  /** What the venue is brought to do before an order is sent; the other columns are as ever. */
  readonly before?: 'the market is halted' | 'half can be had' | 'too large' | 'no margin';
  readonly submit: Cell;
  readonly cancel: Cell;
  readonly query: Cell;
  readonly stream: Cell;
}

const doubt = { outcome: 'unresolved', counts: 'counts', next: 'look-ups', record: 'unresolved' } as const;

/** An order. */
export const S = {
  taken: {
    outcome: 'accepted',
    counts: 'counts',
    next: 'what reduces',
    record: 'accepted venue venue',
    there: 'filled',
  },
  /** It is there, and the look-up finds it. */
  found: { ...doubt, later: 'accepted venue venue', there: 'filled' },
  /** It is not there, and nobody can know: a request may be on its way for ever. */
  asked: { ...doubt, later: 'a person', there: 'nothing' },
  refused: { outcome: 'refused', counts: 'is free', next: 'a new decision', record: 'refusal', there: 'nothing' },
} as const satisfies Record<string, Cell>;

const tryAgain = { counts: 'counts', next: 'the same cancel', record: 'cancel-request', there: 'cancelled' } as const;

/** A cancel of an order that works. */
export const C = {
  done: {
    outcome: 'cancelled',
    counts: 'is free',
    next: 'anything',
    record: 'cancel-request venue',
    there: 'cancelled',
  },
  /** The answer says nothing; the account's record, read at once, says that it worked. */
  read: {
    outcome: 'unresolved',
    counts: 'is free',
    next: 'anything',
    record: 'cancel-request venue',
    there: 'cancelled',
  },
  again: { outcome: 'unresolved', ...tryAgain },
  /** The venue says that there is no such order; its record does not say that it ended. */
  gone: { outcome: 'gone', ...tryAgain },
} as const satisfies Record<string, Cell>;

const known = { counts: 'counts', there: 'filled' } as const;
const blind = { ...known, next: 'the same read', record: 'nothing', later: 'accepted venue venue' } as const;

/** The look-up of an order without an answer, which is there. */
export const Q = {
  value: { ...known, outcome: 'value', next: 'anything', record: 'accepted venue venue' },
  malformed: { ...blind, outcome: 'BROKER.MALFORMED' },
  unavailable: { ...blind, outcome: 'BROKER.UNAVAILABLE' },
  unreachable: { ...blind, outcome: 'BROKER.UNREACHABLE' },
  badRequest: { ...blind, outcome: 'BROKER.BAD_REQUEST' },
  noAccess: { ...blind, outcome: 'BROKER.NO_ACCESS' },
  notFound: { ...blind, outcome: 'BROKER.NOT_FOUND' },
  tooMany: { ...blind, outcome: 'BROKER.RATE_LIMITED' },
} as const satisfies Record<string, Cell>;

const broken = { ...known, next: 'the stream again, and a read', record: 'nothing', later: 'venue' } as const;

/** The stream that tells of the fill of an order that waits. */
export const T = {
  value: { ...known, outcome: 'value', next: 'anything', record: 'venue' },
  broken: { ...broken, outcome: 'BROKER.STREAM' },
  malformed: { ...broken, outcome: 'BROKER.MALFORMED' },
  noAccess: { ...broken, outcome: 'BROKER.NO_ACCESS' },
} as const satisfies Record<string, Cell>;

/** A record that lies is taken at its word; the comparison with what the account holds finds it, and blocks. */
export const lie = (cell: Cell, record: string = cell.record): Cell => ({ ...cell, record, later: 'a break' });

/** The matrix as people read it. */
export function asTable(rows: readonly Row[]): string {
  const text = ({ outcome, counts, next, record, later }: Cell): string => {
    const after = later === undefined ? '' : `, then ${later}`;
    return `${outcome}; ${counts}; ${next}; \`${record}\`${after}`;
  };
  const lines = rows.map(
    ({ name, submit, cancel, query, stream }) =>
      `| ${name} | ${text(submit)} | ${text(cancel)} | ${text(query)} | ${text(stream)} |`,
  );
  return `\n| reply | to an order | to a cancel | to a look-up | on the stream |\n|---|---|---|---|---|\n${lines.join('\n')}\n\n`;
}
