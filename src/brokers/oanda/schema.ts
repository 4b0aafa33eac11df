import { z } from 'zod';

/** What a number looks like on this wire. No exponent, no sign but minus, no NaN: anything else is a malformed answer. */
const DECIMAL = /^-?\d{1,18}(\.\d{1,18})?$/;
const RFC3339 = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d{1,9})?Z$/;

const decimal = z.string().regex(DECIMAL).transform(Number);
const positive = decimal.refine((value) => value > 0, 'must be positive');
/** Ids are numbers in a string; all but a few letters of nonsense are taken as they are. */
const id = z.string().regex(/^\d{1,20}$/);
/** Milliseconds since 1970; what is finer is cut off. */
const instant = z.string().transform((text, ctx) => {
  const [, seconds, fraction = '.0'] = RFC3339.exec(text) ?? [];
  const ms = seconds === undefined ? Number.NaN : Date.parse(`${seconds}${fraction.slice(0, 4)}Z`);
  if (Number.isFinite(ms)) return ms;
  ctx.addIssue({ code: 'custom', message: 'must be a time as in RFC 3339' });
  return z.NEVER;
});
const count = z.number().int().nonnegative();
const extensions = z.looseObject({ id: z.string().optional() });

const bucket = z.looseObject({ price: positive });

export const summarySchema = z.looseObject({
  account: z.looseObject({
    id: z.string(),
    currency: z.string().regex(/^[A-Z]{3}$/),
    balance: decimal,
    NAV: decimal,
    marginUsed: decimal,
    marginAvailable: decimal,
    hedgingEnabled: z.boolean(),
    lastTransactionID: id,
  }),
  lastTransactionID: id,
});

export const instrumentSchema = z.looseObject({
  name: z.string().regex(/^[A-Z0-9]+_[A-Z]{3}$/),
  type: z.string(),
  pipLocation: z.number().int().min(-10).max(10),
  displayPrecision: z.number().int().min(0).max(10),
  tradeUnitsPrecision: z.number().int().min(0).max(10),
  minimumTradeSize: positive,
  // Told to people only: what cannot be read is not known, and no reason to trade nothing.
  financing: z.looseObject({ longRate: decimal, shortRate: decimal }).optional().catch(undefined),
  maximumOrderUnits: decimal.optional(),
  marginRate: positive,
});
export const instrumentsSchema = z.looseObject({ instruments: z.array(instrumentSchema) });

export const priceSchema = z.looseObject({
  instrument: z.string(),
  time: instant,
  tradeable: z.boolean().optional(),
  status: z.string().optional(),
  bids: z.array(bucket),
  asks: z.array(bucket),
});
export const pricingSchema = z.looseObject({ prices: z.array(priceSchema), time: instant.optional() });

const corners = z.looseObject({ o: positive, h: positive, l: positive, c: positive });
export const candleSchema = z.looseObject({
  time: instant,
  volume: count,
  complete: z.boolean(),
  bid: corners.optional(),
  ask: corners.optional(),
  mid: corners.optional(),
});
export const candlesSchema = z.looseObject({
  instrument: z.string(),
  granularity: z.string(),
  candles: z.array(candleSchema),
});

const side = z.looseObject({ units: decimal, averagePrice: positive.optional(), unrealizedPL: decimal.optional() });
export const positionSchema = z.looseObject({ instrument: z.string(), long: side, short: side });
export const positionsSchema = z.looseObject({ positions: z.array(positionSchema) });

export const tradeSchema = z.looseObject({
  id,
  instrument: z.string(),
  price: positive,
  currentUnits: decimal,
  state: z.string(),
});
export const tradesSchema = z.looseObject({ trades: z.array(tradeSchema) });

export const orderSchema = z.looseObject({
  id,
  createTime: instant,
  type: z.string(),
  state: z.string(),
  instrument: z.string().optional(),
  units: decimal.optional(),
  price: positive.optional(),
  priceBound: positive.optional(),
  distance: positive.optional(),
  trailingStopValue: positive.optional(),
  timeInForce: z.string().optional(),
  positionFill: z.string().optional(),
  tradeID: id.optional(),
  clientExtensions: extensions.optional(),
});
export const orderReplySchema = z.looseObject({ order: orderSchema });
export const ordersSchema = z.looseObject({ orders: z.array(orderSchema) });

/** Orders and the trades they hang on, at one moment. */
export const accountSchema = z.looseObject({
  account: z.looseObject({ id: z.string(), orders: z.array(orderSchema), trades: z.array(tradeSchema) }),
});

const base = { id, time: instant, type: z.string() };
/** What every row of the record has; what else it must have depends on its type. */
export const rowSchema = z.looseObject(base);

export const orderRowSchema = z.looseObject({
  ...base,
  instrument: z.string().optional(),
  units: decimal.optional(),
  price: positive.optional(),
  distance: positive.optional(),
  timeInForce: z.string().optional(),
  tradeID: id.optional(),
  orderFillTransactionID: id.optional(),
  clientExtensions: extensions.optional(),
});

export const rejectRowSchema = z.looseObject({
  ...base,
  rejectReason: z.string(),
  instrument: z.string().optional(),
  units: decimal.optional(),
  clientExtensions: extensions.optional(),
});

export const fillRowSchema = z.looseObject({
  ...base,
  orderID: id,
  clientOrderID: z.string().optional(),
  instrument: z.string(),
  units: decimal,
  requestedUnits: decimal.optional(),
  price: positive.optional(),
  fullVWAP: positive.optional(),
  reason: z.string(),
  pl: decimal,
  financing: decimal,
  commission: decimal.optional(),
  guaranteedExecutionFee: decimal.optional(),
  halfSpreadCost: decimal.optional(),
  accountBalance: decimal,
});

export const cancelRowSchema = z.looseObject({
  ...base,
  orderID: id,
  clientOrderID: z.string().optional(),
  reason: z.string(),
});

export const financingRowSchema = z.looseObject({
  ...base,
  financing: decimal,
  accountBalance: decimal,
  positionFinancings: z.array(z.looseObject({ instrument: z.string(), financing: decimal })).optional(),
});

export const transferRowSchema = z.looseObject({
  ...base,
  amount: decimal,
  accountBalance: decimal,
  fundingReason: z.string().optional(),
});

export const dividendRowSchema = z.looseObject({ ...base, dividendAdjustment: decimal, accountBalance: decimal });

/** Rows stay as they came: what each must have is known when its type is. */
export const transactionsSchema = z.looseObject({ transactions: z.array(z.unknown()), lastTransactionID: id });

export const heartbeatSchema = z.looseObject({
  type: z.literal('HEARTBEAT'),
  time: instant,
  lastTransactionID: id.optional(),
});

export const createdSchema = z.looseObject({
  orderCreateTransaction: orderRowSchema,
  orderFillTransaction: fillRowSchema.optional(),
  orderCancelTransaction: cancelRowSchema.optional(),
  orderReissueTransaction: orderRowSchema.optional(),
  relatedTransactionIDs: z.array(id).optional(),
  lastTransactionID: id,
});

export const cancelledSchema = z.looseObject({ orderCancelTransaction: cancelRowSchema });

/** What an answer that says no must look like to be believed. */
export const refusalSchema = z.looseObject({
  errorMessage: z.string(),
  errorCode: z.string().optional(),
  orderRejectTransaction: rejectRowSchema.optional(),
});

export type WireInstrument = z.infer<typeof instrumentSchema>;
export type WireOrder = z.infer<typeof orderSchema>;
export type WireTrade = z.infer<typeof tradeSchema>;
export type WirePosition = z.infer<typeof positionSchema>;
export type WirePrice = z.infer<typeof priceSchema>;
export type WireCandle = z.infer<typeof candleSchema>;
export type WireCancel = z.infer<typeof cancelRowSchema>;
export type WireFill = z.infer<typeof fillRowSchema>;
export type WireCreated = z.infer<typeof createdSchema>;
