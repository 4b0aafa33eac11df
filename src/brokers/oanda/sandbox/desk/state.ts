import type { EpochMs } from '../../../../core/model/ids.js';
import type { SandboxAccountSpec, SandboxSettings, TrueCash, TrueFill, TrueOrder } from '../message.js';
import type { Market } from './market.js';
import { cents, type Json, money, stamp } from './text.js';

export type OrderType =
  | 'MARKET'
  | 'LIMIT'
  | 'STOP'
  | 'MARKET_IF_TOUCHED'
  | 'TAKE_PROFIT'
  | 'STOP_LOSS'
  | 'TRAILING_STOP_LOSS';

export interface ClientExtensions {
  readonly id?: string | undefined;
  readonly tag?: string | undefined;
  readonly comment?: string | undefined;
}

/** A stop or target to be made when the entry fills. */
export interface OnFill {
  readonly price?: number | undefined;
  readonly distance?: number | undefined;
  readonly timeInForce: string;
  readonly gtdAt?: EpochMs | undefined;
  readonly triggerCondition: string;
  readonly clientExtensions?: ClientExtensions | undefined;
}

/** What was ordered, checked. */
export interface Ticket {
  readonly type: OrderType;
  readonly instrument: string;
  /** Signed; 0 where the order follows the size of its trade. */
  readonly units: number;
  readonly price?: number | undefined;
  readonly distance?: number | undefined;
  readonly priceBound?: number | undefined;
  readonly timeInForce: string;
  readonly gtdAt?: EpochMs | undefined;
  readonly positionFill?: string | undefined;
  readonly triggerCondition?: string | undefined;
  readonly tradeID?: string | undefined;
  readonly clientTradeID?: string | undefined;
  readonly clientExtensions?: ClientExtensions | undefined;
  readonly tradeClientExtensions?: ClientExtensions | undefined;
  readonly takeProfitOnFill?: OnFill | undefined;
  readonly stopLossOnFill?: OnFill | undefined;
  readonly trailingStopLossOnFill?: OnFill | undefined;
  /** `tradeClose`, `longPositionCloseout` and the like, as the record shows them. */
  readonly closes?: Json | undefined;
}

export interface Order {
  readonly id: string;
  readonly ticket: Ticket;
  readonly createdAt: EpochMs;
  /** Mid at creation: which way a market-if-touched order waits for. */
  readonly marketThen: number;
  readonly truth: TrueOrder;
  clientExtensions: ClientExtensions | undefined;
  state: 'PENDING' | 'FILLED' | 'CANCELLED';
  trailingStop?: number;
  endedAt?: EpochMs;
  endedBy?: string;
  tradeOpenedID?: string | undefined;
  tradeReducedID?: string | undefined;
  tradeClosedIDs: readonly string[];
  replaces?: string;
  replacedBy?: string;
}

export interface Trade {
  readonly id: string;
  readonly instrument: string;
  readonly price: number;
  readonly openedAt: EpochMs;
  readonly openedBy: string;
  /** Signed. */
  readonly initialUnits: number;
  readonly initialMargin: number;
  /** Signed; 0 when closed. */
  units: number;
  realizedPL: number;
  financing: number;
  clientExtensions: ClientExtensions | undefined;
  closedAt?: EpochMs;
  /** Units times price of all that was closed. */
  closedValue: number;
  readonly closingIDs: string[];
}

/** Booked results of one side of a position. */
export interface SideResult {
  pl: number;
  financing: number;
}

/** What happens together: one id of batch and of request for all records it makes. */
export interface Batch {
  readonly at: EpochMs;
  readonly requestID: string;
  readonly ids: string[];
}

/** What all accounts of the venue share. */
export interface Desk {
  readonly market: Market;
  readonly settings: SandboxSettings;
  readonly orders: TrueOrder[];
  readonly fills: TrueFill[];
  readonly cash: TrueCash[];
  /** The venue's clock runs ahead by this, ms. */
  skewMs: number;
  /** Of the next fill only this share is done. */
  nextFillShare: number;
}

/** The records of one account. The numbers of the records are the ids of everything. */
export class AccountState {
  readonly spec: SandboxAccountSpec;
  readonly userID: number;
  readonly createdAt: EpochMs;
  readonly desk: Desk;
  readonly orders = new Map<string, Order>();
  /** Oldest first. */
  readonly pending = new Map<string, Order>();
  readonly trades = new Map<string, Trade>();
  /** Oldest first: the order in which they are closed. */
  readonly open = new Map<string, Trade>();
  readonly transactions: Json[] = [];
  readonly results = new Map<string, { readonly long: SideResult; readonly short: SideResult }>();
  /** Told each record as it is made. */
  onRecord: (record: Json) => void = () => undefined;
  alias: string;
  marginRate: number;
  balance = 0;
  pl = 0;
  financing = 0;
  lastFillAt: EpochMs | undefined;

  constructor(desk: Desk, spec: SandboxAccountSpec, at: EpochMs) {
    this.desk = desk;
    this.spec = spec;
    this.createdAt = at;
    this.userID = Number(/\d{5,}/.exec(spec.id)?.[0] ?? 1234567);
    this.alias = spec.alias ?? 'Primary';
    this.marginRate = spec.marginRate ?? 0.02;
    const batch: Batch = { at, requestID: '', ids: [] };
    this.record('CREATE', { homeCurrency: spec.currency, accountUserID: this.userID, accountNumber: 1 }, batch);
    if (spec.balance > 0) this.transfer(spec.balance, batch);
  }

  get lastTransactionID(): string {
    return String(this.transactions.length);
  }

  /** Writes the next record and tells it. Undefined fields are left out. */
  record(type: string, fields: Json, batch: Batch): Json {
    const id = String(this.transactions.length + 1);
    batch.ids.push(id);
    const record: Json = {
      type,
      ...fields,
      id,
      accountID: this.spec.id,
      userID: this.userID,
      batchID: batch.ids[0],
      requestID: batch.requestID === '' ? undefined : batch.requestID,
      time: stamp(batch.at + this.desk.skewMs),
    };
    this.transactions.push(record);
    this.onRecord(record);
    return record;
  }

  /** The id that the next record will get. */
  nextID(): string {
    return String(this.transactions.length + 1);
  }

  transfer(amount: number, batch: Batch): Json {
    this.book(amount, 'transfer', batch);
    return this.record(
      'TRANSFER_FUNDS',
      { amount: money(amount), fundingReason: 'CLIENT_FUNDING', accountBalance: money(this.balance) },
      batch,
    );
  }

  /** Changes the balance by what the next record will say. */
  book(amount: number, why: TrueCash['why'], batch: Batch): void {
    this.balance = cents(this.balance + amount);
    if (amount === 0) return;
    this.desk.cash.push({
      account: this.spec.id,
      transactionId: this.nextID(),
      at: batch.at,
      amount: cents(amount),
      balance: this.balance,
      why,
    });
  }

  result(instrument: string, units: number): SideResult {
    let both = this.results.get(instrument);
    if (both === undefined) {
      both = { long: { pl: 0, financing: 0 }, short: { pl: 0, financing: 0 } };
      this.results.set(instrument, both);
    }
    return units > 0 ? both.long : both.short;
  }

  openTrades(instrument: string): Trade[] {
    return [...this.open.values()].filter((trade) => trade.instrument === instrument);
  }

  netUnits(instrument: string): number {
    let net = 0;
    for (const trade of this.open.values()) if (trade.instrument === instrument) net += trade.units;
    return net;
  }
}
