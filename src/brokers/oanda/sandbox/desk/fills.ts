import type { Quote } from './market.js';
import { attach, cancelDependents, cancelOrder, childrenOf, end, isTaken, reissue } from './orders.js';
import type { AccountState, Batch, Desk, Order, Ticket, Trade } from './state.js';
import { cents, decimal, type Json, money, stamp } from './text.js';
import { marginOf, valuation } from './valuation.js';
import { gridOf } from './views.js';

/** What an order would do if it were done now. */
interface Plan {
  /** Signed; all that was asked for. */
  readonly units: number;
  /** Oldest first. */
  readonly reduces: readonly Trade[];
  readonly mayOpen: boolean;
}

function planOf(account: AccountState, { ticket }: Order): Plan {
  if (ticket.tradeID !== undefined) {
    const trade = account.open.get(ticket.tradeID);
    const units = ticket.units === 0 ? -(trade?.units ?? 0) : ticket.units;
    return { units, reduces: trade === undefined ? [] : [trade], mayOpen: false };
  }
  const against = account.openTrades(ticket.instrument).filter((trade) => trade.units * ticket.units < 0);
  const mayOpen = ticket.positionFill !== 'REDUCE_ONLY';
  return { units: ticket.units, reduces: ticket.positionFill === 'OPEN_ONLY' ? [] : against, mayOpen };
}

/**
 * Does an order at the price of now, or cancels it with the venue's reason. A fill nets first against the oldest trades;
 * what is left opens a trade whose stops and targets begin to work at once.
 */
export function execute(account: AccountState, order: Order, batch: Batch): readonly Json[] {
  const { desk } = account;
  const { ticket } = order;
  const plan = planOf(account, order);
  const quote = desk.market.quote(ticket.instrument);
  const price = quote === undefined ? Number.NaN : plan.units > 0 ? quote.ask : quote.bid;
  const room = roomOf(order, desk, plan, quote);
  const refusal = refusalOf(account, order, plan, { quote, price, room });
  if (quote === undefined || refusal !== undefined) {
    return [cancelOrder(account, order, refusal ?? 'MARKET_HALTED', batch)];
  }
  const units = Math.sign(plan.units) * Math.min(Math.abs(plan.units), room.units);
  const rest = plan.units - units;
  const records = fill(account, order, plan, { units, price, quote }, batch);
  if (rest === 0 || ticket.timeInForce === 'IOC' || ticket.type === 'MARKET') return records;
  return [...records, reissue(account, order, rest, batch).record];
}

interface Room {
  /** How much can be done now, without sign. */
  readonly units: number;
  /** Less is done than asked for although the order forbids it: a fault that was asked for. */
  readonly forced: boolean;
}

function roomOf({ ticket }: Order, desk: Desk, plan: Plan, quote: Quote | undefined): Room {
  const held = plan.reduces.reduce((sum, trade) => sum + Math.abs(trade.units), 0);
  // Closing a trade is never short of liquidity here: a stop that fills in parts would be two stops.
  const deep = ticket.tradeID === undefined ? (quote?.liquidity ?? 0) : Number.POSITIVE_INFINITY;
  const most = Math.min(deep, plan.mayOpen ? Number.POSITIVE_INFINITY : held);
  if (desk.nextFillShare >= 1) return { units: most, forced: false };
  const units = Math.max(1, Math.floor(Math.abs(plan.units) * desk.nextFillShare));
  desk.nextFillShare = 1;
  return { units: Math.min(most, units), forced: true };
}

interface Now {
  readonly quote: Quote | undefined;
  readonly price: number;
  readonly room: Room;
}

function refusalOf(account: AccountState, order: Order, plan: Plan, now: Now): string | undefined {
  const { ticket } = order;
  if (now.quote === undefined || !now.quote.tradeable) return 'MARKET_HALTED';
  const wanted = Math.abs(plan.units);
  if (wanted === 0) return 'LINKED_TRADE_CLOSED';
  if (ticket.positionFill === 'OPEN_ONLY' && account.netUnits(ticket.instrument) * plan.units < 0) {
    return 'FIFO_VIOLATION';
  }
  const bound = ticket.priceBound;
  if (bound !== undefined && (plan.units > 0 ? now.price > bound : now.price < bound)) return 'BOUNDS_VIOLATION';
  const whole = ticket.timeInForce === 'FOK' && !now.room.forced;
  if (now.room.units < (whole ? wanted : 1)) return 'INSUFFICIENT_LIQUIDITY';
  return refusalOfOpening(account, order, plan, now.price);
}

/** Reasons that only matter when a trade would be opened. */
function refusalOfOpening(account: AccountState, { ticket }: Order, plan: Plan, price: number): string | undefined {
  const held = plan.reduces.reduce((sum, trade) => sum + Math.abs(trade.units), 0);
  if (!plan.mayOpen || Math.abs(plan.units) <= held) return undefined;
  const side = Math.sign(plan.units);
  const target = ticket.takeProfitOnFill?.price;
  const stop = ticket.stopLossOnFill?.price;
  if (target !== undefined && (target - price) * side <= 0) return 'TAKE_PROFIT_ON_FILL_LOSS';
  if (stop !== undefined && (price - stop) * side <= 0) return 'STOP_LOSS_ON_FILL_LOSS';
  for (const [key, child] of childrenOf(ticket)) {
    if (isTaken(account, child.clientExtensions?.id)) return `${key}_ON_FILL_CLIENT_ORDER_ID_ALREADY_EXISTS`;
  }
  const id = ticket.tradeClientExtensions?.id;
  if (id !== undefined && [...account.open.values()].some((trade) => trade.clientExtensions?.id === id)) {
    return 'CLIENT_TRADE_ID_ALREADY_EXISTS';
  }
  const net = account.netUnits(ticket.instrument);
  const more = marginOf(account, ticket.instrument, net + plan.units) - marginOf(account, ticket.instrument, net);
  const { nav, marginUsed } = valuation(account);
  // A comparison with an unknown price is false: no order is let through for want of a number.
  return nav - marginUsed - more >= 0 ? undefined : 'INSUFFICIENT_MARGIN';
}

interface Deal {
  /** Signed. */
  readonly units: number;
  readonly price: number;
  readonly quote: Quote;
}

function fill(account: AccountState, order: Order, plan: Plan, deal: Deal, batch: Batch): readonly Json[] {
  const { ticket } = order;
  const fillID = account.nextID();
  const reduced: Json[] = [];
  const closed: Trade[] = [];
  let left = deal.units;
  let pl = 0;
  let reducedID: string | undefined;
  for (const trade of plan.reduces) {
    if (left === 0) break;
    const part = Math.sign(left) * Math.min(Math.abs(left), Math.abs(trade.units));
    const row = reduce(account, trade, part, deal, fillID, batch);
    pl = cents(pl + row.pl);
    reduced.push(row.view);
    left -= part;
    if (trade.units === 0) closed.push(trade);
    else reducedID = trade.id;
  }
  const opened = left === 0 ? undefined : openTrade(account, order, left, deal, fillID, batch);
  order.state = 'FILLED';
  order.truth.state = 'FILLED';
  order.tradeOpenedID = opened?.trade.id;
  order.tradeReducedID = reducedID;
  order.tradeClosedIDs = closed.map((trade) => trade.id);
  account.pl = cents(account.pl + pl);
  account.lastFillAt = batch.at;
  account.book(pl, 'pl', batch);
  end(account, order, batch.at);
  account.desk.fills.push({
    account: account.spec.id,
    transactionId: fillID,
    orderId: order.id,
    clientId: order.clientExtensions?.id,
    instrument: ticket.instrument,
    units: deal.units,
    price: deal.price,
    pl,
    reason: fillReason(ticket),
    at: batch.at,
  });
  const partial = reducedID === undefined ? undefined : reduced.pop();
  const record = account.record(
    'ORDER_FILL',
    {
      ...fillView(account, order, plan, deal),
      pl: money(pl),
      accountBalance: money(account.balance),
      tradeOpened: opened?.view,
      tradesClosed: reduced.length > 0 ? reduced : undefined,
      tradeReduced: partial,
    },
    batch,
  );
  const unlinked = closed.flatMap((trade) => cancelDependents(account, trade, order, batch));
  if (opened !== undefined) attachChildren(account, ticket, opened.trade, fillID, batch);
  return [record, ...unlinked];
}

function fillView(account: AccountState, { id, ticket, clientExtensions }: Order, plan: Plan, deal: Deal): Json {
  const grid = gridOf(account, ticket.instrument);
  return {
    orderID: id,
    clientOrderID: clientExtensions?.id,
    instrument: ticket.instrument,
    units: decimal(deal.units, grid.units),
    requestedUnits: decimal(plan.units, grid.units),
    price: decimal(deal.price, grid.price),
    fullVWAP: decimal(deal.price, grid.price),
    ...conversionFields(account, ticket.instrument),
    financing: '0.0000',
    commission: '0.0000',
    guaranteedExecutionFee: '0.0000',
    halfSpreadCost: money(halfSpread(account, ticket.instrument, deal.units, deal.quote)),
    reason: fillReason(ticket),
    fullPrice: fullPrice(deal.quote, grid.price),
  };
}

function fillReason({ type, closes }: Ticket): string {
  if (type !== 'MARKET') return `${type}_ORDER`;
  if (closes === undefined) return 'MARKET_ORDER';
  if ('tradeClose' in closes) return 'MARKET_ORDER_TRADE_CLOSE';
  return 'marginCloseout' in closes ? 'MARKET_ORDER_MARGIN_CLOSEOUT' : 'MARKET_ORDER_POSITION_CLOSEOUT';
}

function conversionFields(account: AccountState, name: string): Json {
  const quote = account.desk.market.instruments.get(name)?.quote ?? '';
  const { gain, loss } = account.desk.market.home(quote, account.spec.currency);
  const [up, down] = [factor(gain), factor(loss)];
  return {
    gainQuoteHomeConversionFactor: up,
    lossQuoteHomeConversionFactor: down,
    homeConversionFactors: { gainQuoteHome: { factor: up }, lossQuoteHome: { factor: down } },
  };
}

const factor = (value: number): string => (value === 1 ? '1' : decimal(value, 12));

export function fullPrice(quote: Quote, digits: number): Json {
  const half = (quote.ask - quote.bid) / 2;
  return {
    closeoutBid: decimal(quote.bid - half, digits),
    closeoutAsk: decimal(quote.ask + half, digits),
    timestamp: stamp(quote.at),
    bids: [{ price: decimal(quote.bid, digits), liquidity: String(quote.liquidity) }],
    asks: [{ price: decimal(quote.ask, digits), liquidity: String(quote.liquidity) }],
  };
}

function halfSpread(account: AccountState, name: string, units: number, quote: Quote): number {
  const home = account.desk.market.home(account.desk.market.instruments.get(name)?.quote ?? '', account.spec.currency);
  return cents((Math.abs(units) * (quote.ask - quote.bid) * home.mid) / 2);
}

function reduce(account: AccountState, trade: Trade, part: number, deal: Deal, fillID: string, batch: Batch) {
  const grid = gridOf(account, trade.instrument);
  const quote = account.desk.market.instruments.get(trade.instrument)?.quote ?? '';
  const home = account.desk.market.home(quote, account.spec.currency);
  const raw = -part * (deal.price - trade.price);
  const pl = cents(raw * (raw > 0 ? home.gain : home.loss));
  const side = account.result(trade.instrument, trade.units);
  side.pl = cents(side.pl + pl);
  trade.realizedPL = cents(trade.realizedPL + pl);
  trade.units += part;
  trade.closedValue += Math.abs(part) * deal.price;
  trade.closingIDs.push(fillID);
  if (trade.units === 0) {
    trade.closedAt = batch.at;
    account.open.delete(trade.id);
  }
  const view: Json = {
    tradeID: trade.id,
    units: decimal(part, grid.units),
    realizedPL: money(pl),
    financing: '0.0000',
    price: decimal(deal.price, grid.price),
    guaranteedExecutionFee: '0.0000',
    halfSpreadCost: money(halfSpread(account, trade.instrument, part, deal.quote)),
  };
  return { pl, view };
}

function openTrade(account: AccountState, order: Order, units: number, deal: Deal, fillID: string, batch: Batch) {
  const { instrument, tradeClientExtensions } = order.ticket;
  const grid = gridOf(account, instrument);
  const initialMargin = marginOf(account, instrument, units);
  const trade: Trade = {
    id: fillID,
    instrument,
    price: deal.price,
    openedAt: batch.at,
    openedBy: order.id,
    initialUnits: units,
    initialMargin,
    units,
    realizedPL: 0,
    financing: 0,
    clientExtensions: tradeClientExtensions,
    closedValue: 0,
    closingIDs: [],
  };
  account.trades.set(fillID, trade);
  account.open.set(fillID, trade);
  account.result(instrument, units);
  const view: Json = {
    price: decimal(deal.price, grid.price),
    tradeID: fillID,
    units: decimal(units, grid.units),
    guaranteedExecutionFee: '0.0000',
    halfSpreadCost: money(halfSpread(account, instrument, units, deal.quote)),
    initialMarginRequired: money(initialMargin),
    clientExtensions: tradeClientExtensions,
  };
  return { trade, view };
}

function attachChildren(account: AccountState, ticket: Ticket, trade: Trade, fillID: string, batch: Batch): void {
  for (const [type, child] of childrenOf(ticket)) {
    attach(account, trade, type, child, 'ON_FILL', batch, { orderFillTransactionID: fillID });
  }
}
