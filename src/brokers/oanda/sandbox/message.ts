import type { EpochMs } from '../../../core/model/ids.js';

/** One request as it arrives at the venue. */
export interface SandboxRequest {
  readonly method: string;
  /** Path and query: `/v3/accounts/…/orders?state=ALL`. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface SandboxReply {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An open stream, or the reply that refused it. */
export type SandboxStream =
  | { readonly kind: 'open'; close(): void }
  | { readonly kind: 'refused'; readonly reply: SandboxReply };

/** What the venue knows of an instrument. Rates are fractions a year, negative when the client pays. */
export interface SandboxInstrument {
  /** `EUR_USD`. */
  readonly name: string;
  readonly base: string;
  readonly quote: string;
  readonly type: 'CURRENCY' | 'METAL' | 'CFD';
  /** A pip is 10 to this power. */
  readonly pipLocation: number;
  /** Decimals of a price. */
  readonly displayPrecision: number;
  /** Decimals of a size; 0 for whole units. */
  readonly tradeUnitsPrecision: number;
  readonly minimumTradeSize: number;
  readonly maximumOrderUnits: number;
  readonly minimumTrailingStopDistance: number;
  readonly maximumTrailingStopDistance: number;
  readonly marginRate: number;
  readonly longRate: number;
  readonly shortRate: number;
  /** Days of interest charged at the 17:00 New York that ends each weekday, Monday first. */
  readonly financingDays: readonly [number, number, number, number, number, number, number];
}

export interface SandboxAccountSpec {
  /** `101-004-1234567-001`. */
  readonly id: string;
  readonly currency: string;
  readonly balance: number;
  readonly alias?: string;
  readonly hedgingEnabled?: boolean;
  /** The account's own floor under every instrument's margin rate. */
  readonly marginRate?: number;
}

/** Among which orders a client id must be unique. OANDA: pending ones only, so a filled market order can be sent twice. */
export type ClientIdRule = 'pending' | 'open' | 'for-ever';

export interface SandboxSettings {
  readonly token: string;
  readonly clientIds: ClientIdRule;
  /** Whether a look-up by client id also finds orders that have ended; undocumented, so not to be relied on. */
  readonly findsEndedOrders: boolean;
  /** Requests within one second before the next gets 429. */
  readonly requestsPerSecond: number;
  /** Lost on each side when a profit or loss is converted to the account's currency. */
  readonly conversionMarkup: number;
  readonly heartbeatMs: number;
  /** Pages of transactions are given as addresses under this. */
  readonly baseUrl: string;
}

/** Bars from before the first live price; any length that divides the granularity asked for. */
export type SandboxHistory = (
  instrument: string,
  granularityMs: number,
  from: EpochMs,
  to: EpochMs,
) => Iterable<SandboxBar>;

export interface SandboxBar {
  /** Time of the open. */
  readonly start: EpochMs;
  readonly bid: Corners;
  readonly ask: Corners;
  readonly volume: number;
}

export interface Corners {
  readonly o: number;
  readonly h: number;
  readonly l: number;
  readonly c: number;
}

export interface SandboxOptions {
  readonly accounts: readonly SandboxAccountSpec[];
  readonly instruments: readonly SandboxInstrument[];
  readonly seed: number | string;
  /** When the accounts were opened. */
  readonly start: EpochMs;
  readonly settings?: Partial<SandboxSettings>;
  readonly history?: SandboxHistory;
}

export interface PriceUpdate {
  readonly instrument: string;
  readonly bid: number;
  readonly ask: number;
  /** Default true. */
  readonly tradeable?: boolean;
  /** Units that can be had at the price; default ten million. */
  readonly liquidity?: number;
}

/** What happens at the venue without a request of ours. */
export type SandboxEvent =
  /** A person at the broker's own screen trades, outside of every program. */
  | { readonly kind: 'trade-by-hand'; readonly account?: string; readonly instrument: string; readonly units: number }
  | { readonly kind: 'cancel-by-hand'; readonly account?: string; readonly orderId: string }
  /** The broker closes positions for want of margin. */
  | { readonly kind: 'close-out'; readonly account?: string; readonly instrument?: string }
  | { readonly kind: 'halt'; readonly instrument: string; readonly halted: boolean }
  | { readonly kind: 'transfer'; readonly account?: string; readonly amount: number }
  /** Of the next fill only this share is done. */
  | { readonly kind: 'next-fill-share'; readonly share: number }
  /** The venue's clock runs ahead by this, ms. */
  | { readonly kind: 'clock-skew'; readonly ms: number };

/** Everything the venue knows, for whoever checks a client against it. Never sent over the wire. */
export interface SandboxTruth {
  /** Every order that reached the venue and became a record, refused ones too, in order of arrival. */
  readonly orders: readonly TrueOrder[];
  readonly fills: readonly TrueFill[];
  /** Not flat. */
  readonly positions: readonly TruePosition[];
  readonly cash: readonly TrueCash[];
  readonly accounts: readonly TrueAccount[];
  /** Everything that arrived, in order. */
  readonly requests: readonly TrueRequest[];
}

export interface TrueOrder {
  readonly account: string;
  /** The id of the order, or of the record of its refusal. */
  readonly id: string;
  readonly clientId: string | undefined;
  readonly type: string;
  readonly instrument: string | undefined;
  /** Signed; 0 where it follows the size of a trade. */
  readonly units: number;
  readonly arrivedAt: EpochMs;
  /** Why it exists: `CLIENT_ORDER`, `ON_FILL`, `POSITION_CLOSEOUT` … */
  readonly reason: string;
  state: 'PENDING' | 'FILLED' | 'TRIGGERED' | 'CANCELLED' | 'REFUSED';
}

export interface TrueFill {
  readonly account: string;
  readonly transactionId: string;
  readonly orderId: string;
  readonly clientId: string | undefined;
  readonly instrument: string;
  /** Signed. */
  readonly units: number;
  readonly price: number;
  readonly pl: number;
  readonly reason: string;
  readonly at: EpochMs;
}

export interface TruePosition {
  readonly account: string;
  readonly instrument: string;
  readonly units: number;
  readonly averagePrice: number;
}

export interface TrueCash {
  readonly account: string;
  readonly transactionId: string;
  readonly at: EpochMs;
  readonly amount: number;
  readonly balance: number;
  readonly why: 'transfer' | 'pl' | 'financing';
}

export interface TrueAccount {
  readonly id: string;
  readonly balance: number;
  readonly transactions: readonly Readonly<Record<string, unknown>>[];
}

export interface TrueRequest {
  readonly at: EpochMs;
  readonly method: string;
  readonly path: string;
  readonly status: number;
}
