import { roundHalfEven } from '../../core/base/num.js';
import type { VenueEvent } from '../../core/ports/venue.js';
import { checked } from './client.js';
import { modelName, ourId } from './names.js';
import {
  cancelRowSchema,
  dividendRowSchema,
  fillRowSchema,
  financingRowSchema,
  orderRowSchema,
  rejectRowSchema,
  rowSchema,
  transferRowSchema,
  type WireFill,
} from './schema.js';

/** Decimals in which the venue books cash. */
export const CASH_DIGITS = 4;

/** Says that an order of this id works already: the first one, not that there is none. */
export const DUPLICATE_ID = 'CLIENT_ORDER_ID_ALREADY_EXISTS';

const ENTRY = /^(MARKET|LIMIT|STOP|MARKET_IF_TOUCHED|FIXED_PRICE)_ORDER$/;
const PROTECTION: Readonly<Record<string, 'stop' | 'target' | 'trailing'>> = {
  STOP_LOSS_ORDER: 'stop',
  GUARANTEED_STOP_LOSS_ORDER: 'stop',
  TAKE_PROFIT_ORDER: 'target',
  TRAILING_STOP_LOSS_ORDER: 'trailing',
};
const ORDER_REJECT =
  /^(MARKET|LIMIT|STOP|MARKET_IF_TOUCHED|TAKE_PROFIT|STOP_LOSS|GUARANTEED_STOP_LOSS|TRAILING_STOP_LOSS)_ORDER_REJECT$/;

/** Rows that are remembered at most. */
const ROWS_MAX = 10_000;

/** Fills of orders that may have waited: what a part leaves of one works on as a new order, under the same client id. */
const WAITED: ReadonlySet<string> = new Set(['LIMIT_ORDER', 'STOP_ORDER', 'MARKET_IF_TOUCHED_ORDER']);

/**
 * Turns rows of the account's record into events. It remembers which order a fill was of, so that a stop that starts with it
 * can name its parent, and which orders end at once.
 */
export class Translator {
  readonly #orderOfFill = new Map<string, string>();
  readonly #immediate = new Set<string>();

  /** What a row says; `BROKER.MALFORMED` when it is of a known type and lacks what that type must have. */
  events(value: unknown): readonly VenueEvent[] {
    const { id, time: ts, type } = checked(value, rowSchema, 'a row of the record');
    if (type === 'ORDER_FILL') return [this.#filled(value)];
    if (ENTRY.test(type)) {
      const row = checked(value, orderRowSchema, type);
      if (this.#immediate.size >= ROWS_MAX) this.#immediate.clear();
      if (row.timeInForce === 'IOC' || row.timeInForce === 'FOK') this.#immediate.add(id);
      return [{ kind: 'accepted', id, ts, venueId: id, clientId: ourId(row.clientExtensions?.id) }];
    }
    const role = PROTECTION[type];
    if (role !== undefined) return [this.#protected(value, role)];
    if (ORDER_REJECT.test(type)) return [rejected(value)];
    return OTHERS[type]?.(value) ?? [{ kind: 'other', id, ts, type }];
  }

  #filled(value: unknown): VenueEvent {
    const row = checked(value, fillRowSchema, 'ORDER_FILL');
    const price = row.fullVWAP ?? row.price;
    const { id, time: ts } = row;
    if (price === undefined || row.units === 0) return { kind: 'other', id, ts, type: 'ORDER_FILL' };
    if (this.#orderOfFill.size >= ROWS_MAX) this.#orderOfFill.clear();
    this.#orderOfFill.set(id, row.orderID);
    return {
      kind: 'filled',
      id,
      ts,
      venueId: row.orderID,
      clientId: ourId(row.clientOrderID),
      instrument: modelName(row.instrument),
      side: row.units > 0 ? 'buy' : 'sell',
      units: Math.abs(row.units),
      price,
      realizedPnl: row.pl,
      commission: roundHalfEven((row.commission ?? 0) + (row.guaranteedExecutionFee ?? 0), CASH_DIGITS),
      financing: -row.financing + 0,
      spreadCost: row.halfSpreadCost ?? 0,
      cash: row.accountBalance,
      last: !this.#goesOn(row),
      reason: row.reason === 'MARKET_ORDER_MARGIN_CLOSEOUT' ? 'margin-close-out' : plain(row.reason),
    };
  }

  /** An order fills once here; what a part leaves of one that waited works on as another, of all others it ends. */
  #goesOn(row: WireFill): boolean {
    const part = row.requestedUnits !== undefined && Math.abs(row.units) < Math.abs(row.requestedUnits);
    return part && WAITED.has(row.reason) && !this.#immediate.has(row.orderID);
  }

  #protected(value: unknown, role: 'stop' | 'target' | 'trailing'): VenueEvent {
    const row = checked(value, orderRowSchema, 'an order on a trade');
    return {
      kind: 'protected',
      id: row.id,
      ts: row.time,
      venueId: row.id,
      clientId: ourId(row.clientExtensions?.id),
      parentVenueId: this.#orderOfFill.get(row.orderFillTransactionID ?? row.tradeID ?? ''),
      role,
      price: row.price,
      trailDistance: row.distance,
    };
  }
}

/** `MARKET_HALTED` as `market-halted`. */
export const plain = (word: string): string => word.toLowerCase().replaceAll('_', '-');

function rejected(value: unknown): VenueEvent {
  const row = checked(value, rejectRowSchema, 'a rejected order');
  const { id, time: ts, type, rejectReason } = row;
  if (rejectReason === DUPLICATE_ID) return { kind: 'other', id, ts, type: `${type} ${DUPLICATE_ID}` };
  return { kind: 'refused', id, ts, clientId: ourId(row.clientExtensions?.id), reason: plain(rejectReason) };
}

const OTHERS: Readonly<Record<string, (value: unknown) => readonly VenueEvent[]>> = {
  ORDER_CANCEL(value) {
    const row = checked(value, cancelRowSchema, 'ORDER_CANCEL');
    const kind = row.reason === 'TIME_IN_FORCE_EXPIRED' ? 'expired' : 'cancelled';
    const clientId = ourId(row.clientOrderID);
    return [{ kind, id: row.id, ts: row.time, venueId: row.orderID, clientId, reason: plain(row.reason) }];
  },
  DAILY_FINANCING: financing,
  TRANSFER_FUNDS(value) {
    const row = checked(value, transferRowSchema, 'TRANSFER_FUNDS');
    const reason = plain(row.fundingReason ?? 'transfer funds');
    return [{ kind: 'transfer', id: row.id, ts: row.time, amount: row.amount, cash: row.accountBalance, reason }];
  },
  DIVIDEND_ADJUSTMENT(value) {
    const row = checked(value, dividendRowSchema, 'DIVIDEND_ADJUSTMENT');
    const { id, time: ts, dividendAdjustment: amount, accountBalance: cash } = row;
    return [{ kind: 'transfer', id, ts, amount, cash, reason: 'dividend-adjustment' }];
  },
};

/** One event an instrument; the cash after each leads to the balance of the row. */
function financing(value: unknown): readonly VenueEvent[] {
  const { id, time: ts, accountBalance, financing: amount, ...row } = checked(value, financingRowSchema, 'interest');
  const parts = row.positionFinancings ?? [];
  if (parts.length === 0) return [{ kind: 'transfer', id, ts, amount, cash: accountBalance, reason: 'financing' }];
  let cash = accountBalance;
  const events: VenueEvent[] = [];
  for (const part of parts.toReversed()) {
    const instrument = modelName(part.instrument);
    const partId = parts.length === 1 ? id : `${id}:${part.instrument}`;
    events.unshift({ kind: 'financing', id: partId, ts, instrument, cost: -part.financing + 0, cash });
    cash = roundHalfEven(cash - part.financing, CASH_DIGITS);
  }
  return events;
}
