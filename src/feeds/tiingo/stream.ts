import { z } from 'zod';
import type { InstrumentId } from '../../core/model/ids.js';
import { type Kind, notThere } from '../network/names.js';
import { type Dialect, quoteSaid, type Said } from '../network/stream/dialect.js';
import { badKey, IN_TROUBLE, NOT_IN_PLAN, NOT_UNDERSTOOD, type Refusal } from '../network/stream/refusal.js';

/** Every change of the best bid or ask, price or size. */
const FX_LEVEL = '7';
/** Changes of the middle by a cent, and trades: all of IEX is a flood. */
const IEX_LEVEL = '5';
/** Places are of a list: what stands where is known only from the documentation, so the middle must lie in the middle. */
const MIDDLE_TOLERANCE = 1e-9;

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const side = z.number().nullable();
const envelopeSchema = z.object({
  messageType: z.string(),
  service: z.string().optional(),
  response: z.object({ code: z.number(), message: z.string() }).optional(),
  data: z.unknown().optional(),
});
/** Kind, ticker, time, bid size, bid, middle, then ask size and ask in the order of the examples, or the other way round. */
const fxSchema = z.tuple([z.literal('Q'), z.string(), instant, side, side, side, side, side], z.unknown());
/** Kind, time, nanoseconds, ticker, bid size, bid, middle, ask, ask size, last price and size, halted. */
const iexSchema = z.tuple(
  [z.literal('Q'), instant, z.number(), z.string(), side, side, side, side, side, side, side, z.number().nullable()],
  z.unknown(),
);

/** Quotes of exchange rates, or of stocks at IEX. Tiingo wants the key with the first sentence and shows every 30 s that it is there. */
export function tiingoDialect(kind: Kind, ids: readonly InstrumentId[], key: string): Dialect {
  if (kind === 'crypto') throw notThere('Tiingo', 'stream of coins here', 'give pairs of currencies or stocks');
  const byTicker = new Map(ids.map((id) => [id.replace('/', '').toLowerCase(), id]));
  const quote = kind === 'fx' ? fxQuote : iexQuote;
  return {
    path: kind === 'fx' ? '/fx' : '/iex',
    opening: [
      {
        eventName: 'subscribe',
        authorization: key,
        eventData: { thresholdLevel: kind === 'fx' ? FX_LEVEL : IEX_LEVEL, tickers: [...byTicker.keys()] },
      },
    ],
    read(message) {
      const envelope = envelopeSchema.safeParse(message);
      if (!envelope.success) return [{ kind: 'malformed', why: 'it has no kind of message' }];
      const { messageType, response, data } = envelope.data;
      if (messageType === 'H') return [{ kind: 'alive' }];
      if (messageType === 'A') return quote(data, byTicker);
      if (messageType !== 'I' && messageType !== 'E') return [];
      if (messageType === 'I' && (response === undefined || response.code === 200)) return [{ kind: 'settled' }];
      const words = response?.message ?? '';
      return [{ kind: 'over', refusal: refusalOf(response?.code ?? 0, words), words }];
    },
  };
}

type ByTicker = ReadonlyMap<string, InstrumentId>;

function fxQuote(data: unknown, byTicker: ByTicker): readonly Said[] {
  // Trades and the like, should they ever come.
  if (Array.isArray(data) && typeof data[0] === 'string' && data[0] !== 'Q') return [];
  const found = fxSchema.safeParse(data);
  if (!found.success) return [{ kind: 'malformed', why: 'it is no quote of an exchange rate' }];
  const [, ticker, ts, , bid, middle, sixth, seventh] = found.data;
  const instrument = byTicker.get(ticker.toLowerCase());
  const ask = [seventh, sixth].find((one) => one !== null && isBetween(bid, middle, one));
  if (ask === undefined && bid !== null && sixth !== null && seventh !== null) {
    return [{ kind: 'unusable', instrument, why: 'its middle does not lie between bid and ask' }];
  }
  return [quoteSaid(instrument, { ts, bid: bid ?? Number.NaN, ask: ask ?? Number.NaN })];
}

/** The last digit of a middle may be rounded. */
function isBetween(bid: number | null, middle: number | null, ask: number): boolean {
  if (bid === null || middle === null) return false;
  return Math.abs((bid + ask) / 2 - middle) <= Math.max(Math.abs(ask - bid) / 4, middle * MIDDLE_TOLERANCE);
}

function iexQuote(data: unknown, byTicker: ByTicker): readonly Said[] {
  // Trades, breaks, and reference prices without a bid and an ask.
  if (Array.isArray(data) && data[0] !== 'Q') return [];
  const found = iexSchema.safeParse(data);
  if (!found.success) return [{ kind: 'malformed', why: 'it is no quote of IEX' }];
  const [, ts, , ticker, , bid, , ask, , , , halted] = found.data;
  const sides = { ts, bid: bid ?? Number.NaN, ask: ask ?? Number.NaN };
  return [quoteSaid(byTicker.get(ticker.toLowerCase()), sides, halted !== 1)];
}

/** Tiingo answers a bad key and a plan without the stream with the same numbers; its words tell them apart. */
function refusalOf(code: number, words: string): Refusal {
  if (/permission|subscri|agreement|plan|upgrade|entitle|limit/i.test(words)) return NOT_IN_PLAN;
  if (code === 401 || code === 403 || /auth|token|key/i.test(words)) return badKey('TIINGO_API_KEY');
  return code >= 500 ? IN_TROUBLE : NOT_UNDERSTOOD;
}
