import type { ApprovedOrder } from '../../core/model/order.js';
import type { SubmitOutcome } from '../../core/ports/venue.js';
import type { HttpAnswer } from '../../wire/message.js';
import { redacted } from '../../wire/redact.js';
import { parsedJson } from './client.js';
import { refusalSchema } from './schema.js';
import { DUPLICATE_ID, plain } from './transactions.js';

/**
 * Reasons for which OANDA does not take an order. The list is closed: a word that is not on it may mean anything, so the
 * order counts as unresolved until its record was looked up. `CLIENT_ORDER_ID_ALREADY_EXISTS` is left out on purpose.
 */
const REASONS: ReadonlySet<string> = new Set(
  `INSTRUMENT_PRICE_UNKNOWN ACCOUNT_NOT_ACTIVE ACCOUNT_LOCKED ACCOUNT_ORDER_CREATION_LOCKED ACCOUNT_CONFIGURATION_LOCKED
  INSTRUMENT_NOT_TRADEABLE PENDING_ORDERS_ALLOWED_EXCEEDED TRADE_ID_UNSPECIFIED TRADE_DOESNT_EXIST
  TRADE_IDENTIFIER_INCONSISTENCY INSUFFICIENT_MARGIN INSTRUMENT_MISSING INSTRUMENT_UNKNOWN UNITS_MISSING UNITS_INVALID
  UNITS_PRECISION_EXCEEDED UNITS_LIMIT_EXCEEDED UNITS_MIMIMUM_NOT_MET UNITS_MINIMUM_NOT_MET PRICE_MISSING PRICE_INVALID
  PRICE_PRECISION_EXCEEDED PRICE_DISTANCE_MISSING PRICE_DISTANCE_INVALID PRICE_DISTANCE_PRECISION_EXCEEDED
  PRICE_DISTANCE_MAXIMUM_EXCEEDED PRICE_DISTANCE_MINIMUM_NOT_MET TIME_IN_FORCE_MISSING TIME_IN_FORCE_INVALID
  TIME_IN_FORCE_GTD_TIMESTAMP_MISSING TIME_IN_FORCE_GTD_TIMESTAMP_IN_PAST PRICE_BOUND_INVALID
  PRICE_BOUND_PRECISION_EXCEEDED ORDERS_ON_FILL_DUPLICATE_CLIENT_ORDER_IDS
  TRADE_ON_FILL_CLIENT_EXTENSIONS_NOT_SUPPORTED CLIENT_ORDER_ID_INVALID CLIENT_ORDER_TAG_INVALID
  CLIENT_ORDER_COMMENT_INVALID CLIENT_TRADE_ID_INVALID CLIENT_TRADE_ID_ALREADY_EXISTS ORDER_FILL_POSITION_ACTION_MISSING
  ORDER_FILL_POSITION_ACTION_INVALID TRIGGER_CONDITION_MISSING TRIGGER_CONDITION_INVALID
  TAKE_PROFIT_ORDER_ALREADY_EXISTS STOP_LOSS_ORDER_ALREADY_EXISTS TRAILING_STOP_LOSS_ORDER_ALREADY_EXISTS
  TRAILING_STOP_LOSS_ORDERS_NOT_SUPPORTED STOP_LOSS_ORDER_GUARANTEED_REQUIRED CLOSEOUT_POSITION_DOESNT_EXIST
  CLOSEOUT_POSITION_REJECT TAKE_PROFIT_ON_FILL_LOSS STOP_LOSS_ON_FILL_LOSS NO_SUCH_ACCOUNT NO_SUCH_TRADE`.split(/\s+/),
);
/** Each of the many ways in which a stop or target of an order can be wrong. */
const ON_FILL = /^(TAKE_PROFIT|STOP_LOSS|TRAILING_STOP_LOSS|GUARANTEED_STOP_LOSS)_ON_FILL_[A-Z_]+$/;

const isReason = (word: string): boolean => REASONS.has(word) || ON_FILL.test(word);

/** What an answer to an order that is no 201 means. Only what OANDA itself says in its own form is a refusal. */
export function judgeRefusal(answer: HttpAnswer, order: ApprovedOrder): SubmitOutcome {
  // A request over the limit is thrown away before anybody reads it, by whatever stands in front.
  if (answer.status === 429) {
    return { kind: 'refused', code: 'RATE_LIMITED', reason: 'too many requests, the order was not taken' };
  }
  const body = refusalSchema.safeParse(parsedJson(answer.body));
  if (!body.success) return unresolved(`status ${answer.status} without OANDA's own words`);
  const { errorMessage, errorCode, orderRejectTransaction: row } = body.data;
  const sent = row?.clientExtensions?.id;
  if (sent !== undefined && sent !== order.clientId) return unresolved('the answer speaks of another order');
  const code = row?.rejectReason ?? errorCode;
  if (code === DUPLICATE_ID) return unresolved('an order with this id works already');
  const refused = (word: string): SubmitOutcome => ({
    kind: 'refused',
    code: word,
    reason: `${plain(word)}: ${redacted(errorMessage)}`,
  });
  switch (answer.status) {
    case 400:
      return code !== undefined && isReason(code) ? refused(code) : unresolved(`status 400, ${code ?? 'no code'}`);
    case 401:
      return refused('NO_ACCESS');
    case 403:
      return refused('FORBIDDEN');
    case 404:
      return code === undefined || isReason(code) ? refused(code ?? 'NOT_FOUND') : unresolved(`status 404, ${code}`);
    default:
      return unresolved(`status ${answer.status}`);
  }
}

const unresolved = (why: string): SubmitOutcome => ({ kind: 'unresolved', why: redacted(why) });
