import { FxError } from '../../core/base/errors.js';
import type { ClientId, InstrumentId } from '../../core/model/ids.js';
import type { Instrument } from '../../core/model/instrument.js';
import type { ApprovedOrder } from '../../core/model/order.js';
import type { Clock } from '../../core/ports/clock.js';
import type {
  CancelOutcome,
  Cursor,
  Heartbeat,
  LookUp,
  OrderRef,
  SubmitOutcome,
  Venue,
  VenueAccount,
  VenueEvent,
  VenueHistory,
  VenueOrder,
  VenuePosition,
  VenueQuote,
  VenueRules,
} from '../../core/ports/venue.js';
import type { Http } from '../../wire/message.js';
import { readBars } from './candles.js';
import { checked, HOSTS, malformed, OandaClient, type OandaHosts } from './client.js';
import { byId, toPosition, toQuote, toVenueOrder } from './map.js';
import { modelName, wireName } from './names.js';
import { lookUp, readHistory } from './record.js';
import {
  accountSchema,
  heartbeatSchema,
  instrumentsSchema,
  positionsSchema,
  priceSchema,
  pricingSchema,
  summarySchema,
} from './schema.js';
import { cancelOrder, submitOrder } from './send.js';
import { CASH_DIGITS, Translator } from './transactions.js';

export interface OandaParts {
  readonly http: Http;
  /** The token itself. */
  readonly token: string;
  readonly accountId: string;
  readonly environment: 'practice' | 'live';
  /** Elsewhere than OANDA's own hosts: a stand-in. */
  readonly hosts?: OandaHosts;
  readonly clock: Clock;
  /** Called when the venue is closed. */
  readonly onClose?: () => void;
}

/** Without the venue's own expiry, a request may be on its way as long as a connection can hold it back. */
export const OANDA_RULES: VenueRules = {
  clientIds: 'unique-while-open',
  settleWindowMs: 30_000,
  lateRequestsExpire: false,
  cashDigits: CASH_DIGITS,
  reduceOnly: true,
  inFlightWindowMs: 2_000,
};

/** One account at OANDA (v20). It sends nothing until it is asked something. */
export function oandaVenue(parts: OandaParts): Venue {
  return new OandaVenue(parts);
}

class OandaVenue implements Venue {
  readonly name = 'oanda';
  readonly rules = OANDA_RULES;
  readonly #parts: OandaParts;
  readonly #client: OandaClient;
  readonly #closed = new AbortController();
  #grids: ReadonlyMap<InstrumentId, Instrument> | undefined;

  constructor(parts: OandaParts) {
    this.#parts = parts;
    this.#client = new OandaClient({ ...parts, hosts: parts.hosts ?? HOSTS[parts.environment] });
  }

  get clockOffsetMs(): number | undefined {
    return this.#client.clockOffsetMs;
  }

  async account(): Promise<VenueAccount> {
    requireEnvironment(this.#parts);
    const { account, lastTransactionID } = await this.#client.read('/summary', summarySchema);
    if (account.id !== this.#parts.accountId) {
      throw new FxError('CONFIG.WRONG_ACCOUNT', {
        message: `OANDA answered for account ${account.id}, OANDA_ACCOUNT_ID is ${this.#parts.accountId}`,
        next: 'check OANDA_ACCOUNT_ID and OANDA_TOKEN',
        facts: { expected: this.#parts.accountId, got: account.id },
      });
    }
    return {
      id: account.id,
      environment: this.#parts.environment === 'live' ? 'money' : 'practice',
      currency: account.currency,
      cash: account.balance,
      equity: account.NAV,
      marginUsed: account.marginUsed,
      marginFree: account.marginAvailable,
      hedging: account.hedgingEnabled,
      cursor: lastTransactionID,
    };
  }

  async instruments(ids: readonly InstrumentId[]): Promise<readonly Instrument[]> {
    const grids = this.#grids ?? (await this.#readGrids());
    return ids.map((id) => {
      const found = grids.get(id);
      if (found === undefined) throw unknownInstrument(id);
      return found;
    });
  }

  submit(order: ApprovedOrder, mayLeave: () => boolean): Promise<SubmitOutcome> {
    return submitOrder(this.#client, order, mayLeave, async (id) => (await this.instruments([id]))[0]);
  }

  cancel(order: OrderRef): Promise<CancelOutcome> {
    return cancelOrder(this.#client, order);
  }

  lookUp(clientId: ClientId, since: Cursor): Promise<LookUp> {
    return lookUp(this.#client, clientId, since);
  }

  async openOrders(): Promise<readonly VenueOrder[]> {
    // Orders and trades of one moment: a stop follows its trade, and two answers may belong to two moments.
    const { account } = await this.#client.read('', accountSchema, {}, true);
    const trades = new Map(account.trades.map((trade) => [trade.id, trade]));
    const working = account.orders.filter((order) => order.state === 'PENDING');
    return working.map((order) => {
      const shown = toVenueOrder(order, trades);
      // An order that cannot be shown must not look like none.
      if (shown === undefined) throw malformed('the account', `order ${order.id} hangs on a trade that is not there`);
      return shown;
    });
  }

  async positions(): Promise<readonly VenuePosition[]> {
    const { positions } = await this.#client.read('/openPositions', positionsSchema, {}, true);
    return positions.flatMap((position) => toPosition(position) ?? []);
  }

  history(since: Cursor): Promise<VenueHistory> {
    return readHistory(this.#client, since);
  }

  async *events(signal: AbortSignal): AsyncGenerator<VenueEvent | Heartbeat> {
    const translator = new Translator();
    for await (const value of this.#client.stream('/transactions/stream', {}, this.#until(signal))) {
      const heartbeat = heartbeatSchema.safeParse(value);
      if (heartbeat.success) {
        const { time: ts, lastTransactionID: cursor } = heartbeat.data;
        this.#client.observe(ts);
        yield cursor === undefined ? { kind: 'heartbeat', ts } : { kind: 'heartbeat', ts, cursor };
      } else yield* translator.events(value);
    }
  }

  async *quotes(ids: readonly InstrumentId[], signal: AbortSignal): AsyncGenerator<VenueQuote | Heartbeat> {
    const query = { instruments: ids.map(wireName).join(',') };
    for await (const value of this.#client.stream('/pricing/stream', query, this.#until(signal))) {
      // Most lines are prices: to try each as a heartbeat first took most of the time that a price takes.
      const heartbeat = isPrice(value) ? undefined : heartbeatSchema.safeParse(value);
      if (heartbeat?.success === true) {
        this.#client.observe(heartbeat.data.time);
        yield { kind: 'heartbeat', ts: heartbeat.data.time };
      } else {
        const quote = toQuote(checked(value, priceSchema, 'a price'));
        if (quote !== undefined) yield quote;
      }
    }
  }

  async latestQuotes(ids: readonly InstrumentId[]): Promise<readonly VenueQuote[]> {
    await this.instruments(ids);
    const query = { instruments: ids.map(wireName).join(',') };
    const { prices, time } = await this.#client.read('/pricing', pricingSchema, query);
    if (time !== undefined) this.#client.observe(time);
    return prices.flatMap((price) => toQuote(price) ?? []);
  }

  async bars(id: InstrumentId, timeframeMs: number, after: number, until: number) {
    await this.instruments([id]);
    return readBars(this.#client, id, timeframeMs, after, until);
  }

  close(): void {
    this.#closed.abort();
    this.#parts.onClose?.();
  }

  async #readGrids(): Promise<ReadonlyMap<InstrumentId, Instrument>> {
    const { instruments } = await this.#client.read('/instruments', instrumentsSchema);
    this.#grids = byId(instruments);
    return this.#grids;
  }

  #until(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#closed.signal]);
  }
}

/** Numbers of practice accounts begin with 101, of those with money with 001; a mix of the two is a mistake that costs. */
function requireEnvironment({ accountId, environment }: OandaParts): void {
  const wrong = environment === 'live' ? '101-' : '001-';
  if (!accountId.startsWith(wrong)) return;
  const is = environment === 'live' ? 'practice' : 'live';
  throw new FxError('CONFIG.WRONG_ENVIRONMENT', {
    message: `OANDA_ENV is ${environment}, and account ${accountId} is a ${is} account`,
    next: `set OANDA_ENV=${is}, or OANDA_ACCOUNT_ID and OANDA_TOKEN to those of a ${environment} account`,
    facts: { environment, accountId },
  });
}

function isPrice(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'PRICE';
}

function unknownInstrument(id: InstrumentId): FxError {
  return new FxError('BROKER.UNKNOWN_INSTRUMENT', {
    message: `this OANDA account does not trade ${modelName(id)}`,
    next: 'leave it out, or ask OANDA which instruments the account may trade',
    facts: { instrument: id },
  });
}
