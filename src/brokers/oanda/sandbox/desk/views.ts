import type { EpochMs } from '../../../../core/model/ids.js';
import type { SandboxInstrument } from '../message.js';
import type { AccountState, OnFill, Order, SideResult, Ticket, Trade } from './state.js';
import { decimal, type Json, money, stamp } from './text.js';
import { marginOf, unrealizedOf, valuation } from './valuation.js';

const at = (time: EpochMs | undefined): string | undefined => (time === undefined ? undefined : stamp(time));

/** Decimals of prices and sizes of an instrument. */
export function gridOf(account: AccountState, name: string): { readonly price: number; readonly units: number } {
  const instrument = account.desk.market.instruments.get(name);
  return { price: instrument?.displayPrecision ?? 5, units: instrument?.tradeUnitsPrecision ?? 0 };
}

/** The fields that an order and the record of its creation share. */
export function ticketView(account: AccountState, ticket: Ticket): Json {
  const grid = gridOf(account, ticket.instrument);
  const price = (value: number | undefined) => (value === undefined ? undefined : decimal(value, grid.price));
  const onFill = (one: OnFill | undefined): Json | undefined =>
    one === undefined
      ? undefined
      : {
          price: price(one.price),
          distance: price(one.distance),
          timeInForce: one.timeInForce,
          gtdTime: at(one.gtdAt),
          triggerCondition: one.triggerCondition,
          clientExtensions: one.clientExtensions,
        };
  const attached = ticket.type in DEPENDENT;
  return {
    instrument: attached ? undefined : ticket.instrument,
    units: attached ? undefined : decimal(ticket.units, grid.units),
    tradeID: attached ? ticket.tradeID : undefined,
    clientTradeID: ticket.clientTradeID,
    price: price(ticket.price),
    distance: price(ticket.distance),
    priceBound: price(ticket.priceBound),
    timeInForce: ticket.timeInForce,
    gtdTime: ticket.timeInForce === 'GTD' ? at(ticket.gtdAt) : undefined,
    triggerCondition: ticket.triggerCondition,
    positionFill: ticket.positionFill,
    guaranteed: ticket.type === 'STOP_LOSS' ? false : undefined,
    ...ticket.closes,
    takeProfitOnFill: onFill(ticket.takeProfitOnFill),
    stopLossOnFill: onFill(ticket.stopLossOnFill),
    trailingStopLossOnFill: onFill(ticket.trailingStopLossOnFill),
    clientExtensions: ticket.clientExtensions,
    tradeClientExtensions: ticket.tradeClientExtensions,
  };
}

export function orderView(account: AccountState, order: Order): Json {
  const digits = gridOf(account, order.ticket.instrument).price;
  const filled = order.state === 'FILLED';
  const cancelled = order.state === 'CANCELLED';
  return {
    id: order.id,
    createTime: stamp(order.createdAt),
    type: order.ticket.type,
    ...ticketView(account, order.ticket),
    clientExtensions: order.clientExtensions,
    trailingStopValue: order.trailingStop === undefined ? undefined : decimal(order.trailingStop, digits),
    state: order.state,
    fillingTransactionID: filled ? order.endedBy : undefined,
    filledTime: filled ? at(order.endedAt) : undefined,
    tradeOpenedID: order.tradeOpenedID,
    tradeReducedID: order.tradeReducedID,
    tradeClosedIDs: order.tradeClosedIDs.length > 0 ? order.tradeClosedIDs : undefined,
    cancellingTransactionID: cancelled ? order.endedBy : undefined,
    cancelledTime: cancelled ? at(order.endedAt) : undefined,
    replacesOrderID: order.replaces,
    replacedByOrderID: order.replacedBy,
  };
}

/** `full` shows the stops and targets themselves, else only their ids. */
export function tradeView(account: AccountState, trade: Trade, full: boolean): Json {
  const grid = gridOf(account, trade.instrument);
  const isOpen = trade.units !== 0;
  const closed = Math.abs(trade.initialUnits - trade.units);
  return {
    id: trade.id,
    instrument: trade.instrument,
    price: decimal(trade.price, grid.price),
    openTime: stamp(trade.openedAt),
    initialUnits: decimal(trade.initialUnits, grid.units),
    initialMarginRequired: money(trade.initialMargin),
    state: isOpen ? 'OPEN' : 'CLOSED',
    currentUnits: decimal(trade.units, grid.units),
    realizedPL: money(trade.realizedPL),
    financing: money(trade.financing),
    dividendAdjustment: '0.0000',
    unrealizedPL: isOpen ? money(unrealizedOf(account, trade)) : undefined,
    marginUsed: isOpen ? money(marginOf(account, trade.instrument, trade.units) || 0) : undefined,
    averageClosePrice: closed === 0 ? undefined : decimal(trade.closedValue / closed, grid.price),
    closingTransactionIDs: trade.closingIDs.length > 0 ? trade.closingIDs : undefined,
    closeTime: at(trade.closedAt),
    clientExtensions: trade.clientExtensions,
    ...dependents(account, trade, full),
  };
}

const DEPENDENT = {
  TAKE_PROFIT: 'takeProfitOrder',
  STOP_LOSS: 'stopLossOrder',
  TRAILING_STOP_LOSS: 'trailingStopLossOrder',
} as const;

function dependents(account: AccountState, trade: Trade, full: boolean): Json {
  const found: Record<string, unknown> = {};
  for (const order of account.pending.values()) {
    const { type, tradeID } = order.ticket;
    if (tradeID !== trade.id || !(type in DEPENDENT)) continue;
    const key = DEPENDENT[type as keyof typeof DEPENDENT];
    if (full) found[key] = orderView(account, order);
    else found[`${key}ID`] = order.id;
  }
  return found;
}

const ZERO: SideResult = { pl: 0, financing: 0 };

export function positionView(account: AccountState, name: string): Json {
  const results = account.results.get(name) ?? { long: ZERO, short: ZERO };
  const trades = account.openTrades(name);
  const long = sideView(
    account,
    name,
    trades.filter((trade) => trade.units > 0),
    results.long,
  );
  const short = sideView(
    account,
    name,
    trades.filter((trade) => trade.units < 0),
    results.short,
  );
  const pl = money(results.long.pl + results.short.pl);
  return {
    instrument: name,
    long: long.view,
    short: short.view,
    pl,
    resettablePL: pl,
    financing: money(results.long.financing + results.short.financing),
    commission: '0.0000',
    dividendAdjustment: '0.0000',
    guaranteedExecutionFees: '0.0000',
    unrealizedPL: money(long.unrealized + short.unrealized),
    marginUsed: trades.length === 0 ? undefined : money(marginOf(account, name, account.netUnits(name)) || 0),
  };
}

function sideView(account: AccountState, name: string, trades: readonly Trade[], result: SideResult) {
  const grid = gridOf(account, name);
  const units = trades.reduce((sum, trade) => sum + trade.units, 0);
  const value = trades.reduce((sum, trade) => sum + trade.units * trade.price, 0);
  const unrealized = trades.reduce((sum, trade) => sum + unrealizedOf(account, trade), 0);
  const view: Json = {
    units: decimal(units, grid.units),
    averagePrice: trades.length === 0 ? undefined : decimal(value / units, grid.price),
    tradeIDs: trades.length === 0 ? undefined : trades.map((trade) => trade.id),
    pl: money(result.pl),
    resettablePL: money(result.pl),
    financing: money(result.financing),
    dividendAdjustment: '0.0000',
    guaranteedExecutionFees: '0.0000',
    unrealizedPL: money(unrealized),
  };
  return { view, unrealized };
}

/** What depends on the prices of now. */
export function calculatedView(account: AccountState): Json {
  const now = valuation(account);
  return {
    unrealizedPL: money(now.unrealized),
    NAV: money(now.nav),
    marginUsed: money(now.marginUsed),
    marginAvailable: money(now.marginFree),
    positionValue: money(now.positionValue),
    marginCloseoutUnrealizedPL: money(now.unrealized),
    marginCloseoutNAV: money(now.nav),
    marginCloseoutMarginUsed: money(now.marginUsed),
    marginCloseoutPositionValue: money(now.positionValue),
    marginCloseoutPercent: decimal(now.closeoutPercent, 5),
    withdrawalLimit: money(Math.max(0, Math.min(account.balance, now.marginFree))),
    marginCallMarginUsed: money(now.marginUsed),
    marginCallPercent: decimal(Math.min(now.closeoutPercent * 2, 99_999), 5),
  };
}

export function summaryView(account: AccountState): Json {
  return {
    guaranteedStopLossOrderMode: 'DISABLED',
    hedgingEnabled: account.spec.hedgingEnabled ?? false,
    id: account.spec.id,
    createdTime: stamp(account.createdAt),
    currency: account.spec.currency,
    createdByUserID: account.userID,
    alias: account.alias,
    marginRate: String(account.marginRate),
    lastTransactionID: account.lastTransactionID,
    balance: money(account.balance),
    openTradeCount: account.open.size,
    openPositionCount: new Set([...account.open.values()].map((trade) => trade.instrument)).size,
    pendingOrderCount: account.pending.size,
    pl: money(account.pl),
    resettablePL: money(account.pl),
    resettablePLTime: stamp(account.createdAt),
    financing: money(account.financing),
    commission: '0.0000',
    dividendAdjustment: '0',
    guaranteedExecutionFees: '0.0000',
    lastOrderFillTimestamp: at(account.lastFillAt),
    ...calculatedView(account),
  };
}

const WEEKDAYS = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] as const;

export function instrumentView(instrument: SandboxInstrument): Json {
  const digits = instrument.displayPrecision;
  return {
    name: instrument.name,
    type: instrument.type,
    displayName: instrument.name.replace('_', '/'),
    pipLocation: instrument.pipLocation,
    displayPrecision: digits,
    tradeUnitsPrecision: instrument.tradeUnitsPrecision,
    minimumTradeSize: String(instrument.minimumTradeSize),
    maximumTrailingStopDistance: decimal(instrument.maximumTrailingStopDistance, digits),
    minimumTrailingStopDistance: decimal(instrument.minimumTrailingStopDistance, digits),
    maximumPositionSize: '0',
    maximumOrderUnits: String(instrument.maximumOrderUnits),
    marginRate: String(instrument.marginRate),
    guaranteedStopLossOrderMode: 'DISABLED',
    tags: [{ type: 'ASSET_CLASS', name: instrument.type }],
    financing: {
      longRate: decimal(instrument.longRate, 4),
      shortRate: decimal(instrument.shortRate, 4),
      financingDaysOfWeek: instrument.financingDays.map((daysCharged, i) => ({ dayOfWeek: WEEKDAYS[i], daysCharged })),
    },
  };
}
