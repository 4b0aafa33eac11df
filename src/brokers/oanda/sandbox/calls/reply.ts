import type { AccountState, Batch } from '../desk/state.js';
import type { Json } from '../desk/text.js';

/** A reply before it is text. */
export interface Answer {
  readonly status: number;
  readonly body: Json;
  readonly headers?: Readonly<Record<string, string>>;
}

export const ok = (body: Json, status = 200): Answer => ({ status, body });

export const failed = (status: number, errorMessage: string, errorCode?: string): Answer => ({
  status,
  body: { errorMessage, errorCode },
});

/** The numbers that end every reply about an account that was changed. */
export const lastIDs = (account: AccountState, batch: Batch): Json => ({
  relatedTransactionIDs: [...batch.ids],
  lastTransactionID: account.lastTransactionID,
});

const MESSAGES: Readonly<Record<string, string>> = {
  PRICE_PRECISION_EXCEEDED: 'The price specified contains more precision than is allowed for the instrument',
  CLOSEOUT_POSITION_DOESNT_EXIST: 'The Position requested to be closed out does not exist',
  CLIENT_ORDER_ID_ALREADY_EXISTS: 'The client Order ID specified is already assigned to another pending Order',
  ORDER_DOESNT_EXIST: 'The Order specified does not exist',
  TRADE_DOESNT_EXIST: 'The Trade specified does not exist',
  UNITS_PRECISION_EXCEEDED: 'The units specified contain more precision than is allowed for the Order’s instrument',
};

/** A refusal with its record, as the venue answers it. */
export function refused(account: AccountState, batch: Batch, status: number, reason: string, records: Json): Answer {
  const errorMessage = MESSAGES[reason] ?? `The request was refused: ${reason}`;
  return { status, body: { ...records, ...lastIDs(account, batch), errorMessage, errorCode: reason } };
}

/** What a request may need to know. */
export interface Asked {
  readonly account: AccountState;
  readonly batch: Batch;
  /** What stands in the path for an order, a trade, an instrument or a record. */
  readonly name: string;
  readonly query: URLSearchParams;
  /** Parsed; undefined where there is none or it is no JSON. */
  readonly body: unknown;
}
