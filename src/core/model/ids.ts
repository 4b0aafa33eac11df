declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

/** What the field calls it: `EUR/USD`, `AAPL`, `BTC/USDT`. */
export type InstrumentId = Brand<string, 'InstrumentId'>;

/** Our own number of an order inside one book: `o-1`, `o-2`; a bracket's children are `o-1.sl`, `o-1.tp`. */
export type OrderId = Brand<string, 'OrderId'>;

/** 20 characters, made once and journalled before the send, so that a repeated send cannot act twice. */
export type ClientId = Brand<string, 'ClientId'>;

export const instrumentId = (text: string): InstrumentId => text as InstrumentId;
export const orderId = (text: string): OrderId => text as OrderId;
export const clientId = (text: string): ClientId => text as ClientId;
