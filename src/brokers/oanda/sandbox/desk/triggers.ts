import { newYorkDay, weekdayOf } from '../../../../core/model/calendar/calendar.js';
import type { EpochMs } from '../../../../core/model/ids.js';
import { execute } from './fills.js';
import type { Quote } from './market.js';
import { cancelOrder, createOrder } from './orders.js';
import type { AccountState, Batch, Order, Ticket, Trade } from './state.js';
import { cents, type Json, money } from './text.js';
import { valuation, worthOf } from './valuation.js';

/** True when the price of now sets the order off. */
export function isDue(account: AccountState, order: Order): boolean {
  const { ticket } = order;
  const quote = account.desk.market.quote(ticket.instrument);
  if (quote === undefined || !quote.tradeable) return false;
  const buys = directionOf(account, ticket) > 0;
  const price = triggerPrice(quote, buys, ticket.triggerCondition);
  const level = ticket.type === 'TRAILING_STOP_LOSS' ? order.trailingStop : ticket.price;
  if (level === undefined) return false;
  switch (ticket.type) {
    case 'LIMIT':
    case 'TAKE_PROFIT':
      return buys ? price <= level : price >= level;
    case 'STOP':
    case 'STOP_LOSS':
    case 'TRAILING_STOP_LOSS':
      return buys ? price >= level : price <= level;
    case 'MARKET_IF_TOUCHED':
      return order.marketThen <= level ? price >= level : price <= level;
    default:
      return false;
  }
}

function directionOf(account: AccountState, ticket: Ticket): number {
  if (ticket.units !== 0) return ticket.units;
  return -(account.open.get(ticket.tradeID ?? '')?.units ?? 0);
}

/** The side that would be dealt on, unless the order names another. */
function triggerPrice(quote: Quote, buys: boolean, condition = 'DEFAULT'): number {
  if (condition === 'MID') return (quote.bid + quote.ask) / 2;
  const asks = condition === 'ASK' || (condition === 'DEFAULT' && buys) || (condition === 'INVERSE' && !buys);
  return asks ? quote.ask : quote.bid;
}

/** What a new price of an instrument sets off in an account, oldest order first; then the venue looks at the margin. */
export function onPrice(account: AccountState, instrument: string, batch: () => Batch): void {
  const quote = account.desk.market.quote(instrument);
  if (quote === undefined || !quote.tradeable) return;
  const waiting = [...account.pending.values()].filter((order) => order.ticket.instrument === instrument);
  for (const order of waiting) {
    if (order.state !== 'PENDING') continue;
    if (order.ticket.type === 'TRAILING_STOP_LOSS') trail(account, order, quote);
    if (isDue(account, order)) execute(account, order, batch());
  }
  if (account.open.size > 0 && valuation(account).closeoutPercent >= 1) closeOut(account, undefined, batch());
}

/** The stop follows the best price and never goes back. */
function trail(account: AccountState, order: Order, quote: Quote): void {
  const units = account.open.get(order.ticket.tradeID ?? '')?.units ?? 0;
  const far = order.ticket.distance ?? 0;
  const stop = order.trailingStop;
  if (units > 0) order.trailingStop = Math.max(stop ?? 0, quote.bid - far);
  else if (units < 0) order.trailingStop = Math.min(stop ?? Number.POSITIVE_INFINITY, quote.ask + far);
}

/** The broker closes every trade (of one instrument, where it is given) whose market is open. */
export function closeOut(account: AccountState, instrument: string | undefined, batch: Batch): void {
  for (const trade of [...account.open.values()]) {
    if (instrument !== undefined && trade.instrument !== instrument) continue;
    if (account.desk.market.quote(trade.instrument)?.tradeable !== true) continue;
    closeTrade(account, trade, -trade.units, 'MARGIN_CLOSEOUT', batch, {
      marginCloseout: { reason: 'MARGIN_CHECK_VIOLATION' },
    });
  }
}

/** A market order of the venue's own that closes (a part of) one trade. */
export function closeTrade(
  account: AccountState,
  trade: Trade,
  units: number,
  reason: string,
  batch: Batch,
  closes: Json,
): { readonly order: Order; readonly record: Json; readonly after: readonly Json[] } {
  const made = createOrder(
    account,
    {
      type: 'MARKET',
      instrument: trade.instrument,
      units,
      timeInForce: 'FOK',
      positionFill: 'REDUCE_ONLY',
      tradeID: trade.id,
      closes,
    },
    reason,
    batch,
  );
  return { ...made, after: execute(account, made.order, batch) };
}

/** The earliest moment after `now` at which an order of the account ends by itself. */
export function nextExpiry(account: AccountState, now: EpochMs): EpochMs {
  let next = Number.POSITIVE_INFINITY;
  for (const { ticket } of account.pending.values()) {
    if (ticket.gtdAt !== undefined && ticket.gtdAt > now) next = Math.min(next, ticket.gtdAt);
  }
  return next;
}

/** Ends the orders whose time has come. */
export function expire(account: AccountState, batch: () => Batch): void {
  for (const order of [...account.pending.values()]) {
    const { gtdAt } = order.ticket;
    if (gtdAt === undefined) continue;
    const made = batch();
    if (gtdAt <= made.at) cancelOrder(account, order, 'TIME_IN_FORCE_EXPIRED', made);
  }
}

/**
 * Interest of a day on all trades open at a 17:00 New York: value at the mid × the side's yearly rate ÷ 365 × the days
 * that the instrument's table charges on this weekday. Booked at once, as accounts of the daily mode are.
 */
export function chargeFinancing(account: AccountState, batch: Batch): void {
  // The roll ends a weekday: Monday first.
  const weekday = (weekdayOf(newYorkDay(batch.at - 1)) + 6) % 7;
  const positions = new Map<string, Json[]>();
  const sums = new Map<string, number>();
  for (const trade of account.open.values()) {
    const instrument = account.desk.market.instruments.get(trade.instrument);
    const days = instrument?.financingDays[weekday] ?? 0;
    const rate = trade.units > 0 ? instrument?.longRate : instrument?.shortRate;
    const amount = cents(((worthOf(account, trade.instrument, trade.units) * (rate ?? 0)) / 365) * days);
    if (!Number.isFinite(amount) || days === 0) continue;
    trade.financing = cents(trade.financing + amount);
    const side = account.result(trade.instrument, trade.units);
    side.financing = cents(side.financing + amount);
    const rows = positions.get(trade.instrument) ?? [];
    rows.push({ tradeID: trade.id, financing: money(amount) });
    positions.set(trade.instrument, rows);
    sums.set(trade.instrument, cents((sums.get(trade.instrument) ?? 0) + amount));
  }
  if (positions.size === 0) return;
  const total = cents([...sums.values()].reduce((sum, amount) => sum + amount, 0));
  account.financing = cents(account.financing + total);
  account.book(total, 'financing', batch);
  account.record(
    'DAILY_FINANCING',
    {
      financing: money(total),
      accountBalance: money(account.balance),
      accountFinancingMode: 'DAILY',
      positionFinancings: [...positions].map(([instrument, openTradeFinancings]) => ({
        instrument,
        financing: money(sums.get(instrument) ?? 0),
        openTradeFinancings,
      })),
    },
    batch,
  );
}
