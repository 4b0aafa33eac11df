import { z } from 'zod';
import type { ApprovalDecision } from '../../approvals/decision.js';
import type { ApprovalRequest } from '../../approvals/request.js';

const number = z.number();
const amount = z.number().nullable();
const text = z.string().max(10_000);
const side = z.enum(['buy', 'sell']);

const intent = z.strictObject({
  instrument: text,
  side,
  units: number,
  type: z.enum(['market', 'limit', 'stop', 'stop-limit', 'trailing-stop']),
  price: number.optional(),
  stopPrice: number.optional(),
  trailDistance: number.optional(),
  timeInForce: z.enum(['GTC', 'GTD', 'DAY', 'IOC', 'FOK']),
  expiresAt: number.optional(),
  reduceOnly: z.boolean(),
  stopLoss: number.optional(),
  takeProfit: number.optional(),
  trailStop: number.optional(),
  group: text.optional(),
  reason: text,
  inputs: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])).optional(),
});

const request = z.strictObject({
  version: z.literal(1),
  id: text,
  hash: text,
  nonce: text,
  account: text,
  configHash: text,
  broker: text,
  strategy: text,
  askedAt: number,
  expiresAt: number,
  intent,
  instrument: text,
  side,
  units: number,
  price: number,
  referencePrice: number,
  bandBps: amount,
  stopPrice: amount,
  currency: text,
  worstLoss: amount,
  notional: number,
  financingPerDay: amount,
  marginBefore: number,
  marginAfter: number,
  limits: z.array(
    z.strictObject({
      limit: text,
      unit: text,
      max: number,
      before: number,
      after: number,
      usedBefore: amount,
      usedAfter: amount,
    }),
  ),
  usualUnits: amount,
  multiple: amount,
});

const decision = z.strictObject({
  version: z.literal(1),
  id: text,
  outcome: z.enum(['accepted', 'rejected', 'expired', 'withdrawn']),
  hash: text,
  nonce: text,
  account: text,
  configHash: text,
  expiresAt: number,
  amount,
  who: text,
  reason: text,
  at: number,
});

const prices = z.strictObject({ version: z.literal(1), at: number, prices: z.record(z.string(), number) });

/** Mids of the instruments that people are asked about, and when they were seen. */
export type SeenPrices = z.infer<typeof prices>;

/** The question that a text holds; undefined when it holds none. */
export function parseRequest(json: string): ApprovalRequest | undefined {
  return parsed(request, json) as ApprovalRequest | undefined;
}

/** The answer that a text holds; undefined when it holds none. */
export function parseDecision(json: string): ApprovalDecision | undefined {
  return parsed(decision, json);
}

export function parsePrices(json: string): SeenPrices | undefined {
  return parsed(prices, json);
}

function parsed<T>(schema: z.ZodType<T>, json: string): T | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  const found = schema.safeParse(value);
  return found.success ? found.data : undefined;
}
