import { type Rng, seededRng } from '../../../core/base/rng.js';
import { rollAfter } from '../../../core/model/calendar/calendar.js';
import type { EpochMs } from '../../../core/model/ids.js';
import { Candles, listCandles } from './calls/candles.js';
import { namesOf, PriceLines } from './calls/prices.js';
import { type Answer, failed, ok } from './calls/reply.js';
import { execute } from './desk/fills.js';
import { Market } from './desk/market.js';
import { cancelOrder, createOrder } from './desk/orders.js';
import { AccountState, type Batch, type Desk } from './desk/state.js';
import { type Json, stamp, unixStamps } from './desk/text.js';
import { chargeFinancing, closeOut, expire, nextExpiry, onPrice } from './desk/triggers.js';
import type {
  PriceUpdate,
  SandboxEvent,
  SandboxOptions,
  SandboxReply,
  SandboxRequest,
  SandboxSettings,
  SandboxStream,
  SandboxTruth,
  TruePosition,
  TrueRequest,
} from './message.js';
import { findRoute } from './routes.js';

const DEFAULTS: SandboxSettings = {
  token: 'sandbox-token',
  clientIds: 'pending',
  findsEndedOrders: false,
  requestsPerSecond: 120,
  conversionMarkup: 0.005,
  heartbeatMs: 5000,
  baseUrl: 'https://api-fxpractice.oanda.com',
};

interface Stream {
  readonly account: AccountState;
  readonly prices: PriceLines | undefined;
  readonly unix: boolean;
  readonly tell: (line: string) => void;
  beatAt: EpochMs;
}

/**
 * OANDA v20 as a machine: the account, its rules and its records, deterministic and without a clock. Whoever drives it says
 * what time it is and which prices there are; the same calls give the same replies. What it knows besides (`truth`) is for
 * whoever checks a client against it.
 */
export class OandaSandbox {
  readonly settings: SandboxSettings;
  readonly #desk: Desk;
  readonly #accounts: ReadonlyMap<string, AccountState>;
  readonly #candles: Candles;
  readonly #rng: Rng;
  readonly #requests: TrueRequest[] = [];
  readonly #streams = new Set<Stream>();
  #recent: EpochMs[] = [];
  #now: EpochMs;
  #nextRoll: EpochMs;

  constructor(options: SandboxOptions) {
    this.settings = { ...DEFAULTS, ...options.settings };
    const market = new Market(options.instruments, this.settings.conversionMarkup);
    this.#desk = { market, settings: this.settings, orders: [], fills: [], cash: [], skewMs: 0, nextFillShare: 1 };
    this.#rng = seededRng(`oanda sandbox ${options.seed}`);
    this.#now = options.start;
    this.#nextRoll = rollAfter(options.start);
    this.#candles = new Candles(options.history);
    this.#accounts = new Map(
      options.accounts.map((spec) => [spec.id, new AccountState(this.#desk, spec, options.start)]),
    );
    for (const account of this.#accounts.values()) account.onRecord = (record) => this.#tellRecord(account, record);
  }

  /** The latest time that anybody told. */
  get now(): EpochMs {
    return this.#now;
  }

  /** The next moment after now at which something happens by itself: an order expires, interest is charged, a stream beats. */
  get nextAt(): EpochMs {
    let next = this.#nextRoll;
    for (const account of this.#accounts.values()) next = Math.min(next, nextExpiry(account, this.#now));
    for (const stream of this.#streams) next = Math.min(next, stream.beatAt, stream.prices?.nextAt ?? next);
    return next;
  }

  /** Answers a request that arrives now. */
  handle(request: SandboxRequest, now: EpochMs): SandboxReply {
    this.advance(now);
    const requestID = this.#requestID();
    return this.#reply(request, requestID, this.#answer(request, requestID));
  }

  #reply(request: SandboxRequest, requestID: string, answer: Answer): SandboxReply {
    this.#requests.push({ at: this.#now, method: request.method, path: request.path, status: answer.status });
    const unix = request.headers['accept-datetime-format'] === 'UNIX';
    return {
      status: answer.status,
      headers: {
        'content-type': 'application/json',
        date: new Date(this.#now + this.#desk.skewMs).toUTCString(),
        requestid: requestID,
        ...answer.headers,
      },
      body: JSON.stringify(answer.body, unix ? unixStamps : undefined),
    };
  }

  /** Opens `/pricing/stream` or `/transactions/stream`; each line goes to `tell` as it happens. */
  subscribe(request: SandboxRequest, now: EpochMs, tell: (line: string) => void): SandboxStream {
    this.advance(now);
    const url = new URL(request.path, 'http://sandbox');
    const [, , , id = '', kind, end] = url.pathname.split('/');
    const account = this.#accounts.get(id);
    const refusal = this.#refusal(request, id, account);
    const names = account === undefined || kind !== 'pricing' ? undefined : namesOf(account, url.searchParams);
    const known = end === 'stream' && (kind === 'pricing' || kind === 'transactions');
    if (refusal !== undefined || account === undefined || !known) {
      return { kind: 'refused', reply: this.#reply(request, this.#requestID(), refusal ?? NOTHING) };
    }
    if (kind === 'pricing' && names === undefined) {
      const wrong = failed(400, "Invalid value specified for 'instruments'");
      return { kind: 'refused', reply: this.#reply(request, this.#requestID(), wrong) };
    }
    this.#requests.push({ at: this.#now, method: request.method, path: request.path, status: 200 });
    const unix = request.headers['accept-datetime-format'] === 'UNIX';
    const prices = names === undefined ? undefined : new PriceLines(account, names);
    const stream: Stream = { account, prices, unix, tell, beatAt: this.#now + this.settings.heartbeatMs };
    this.#streams.add(stream);
    if (url.searchParams.get('snapshot') !== 'false') {
      for (const name of names ?? []) this.#tellPrice(stream, name);
    }
    if (prices === undefined) this.#beat(stream);
    return { kind: 'open', close: () => this.#streams.delete(stream) };
  }

  /** A new price: orders that waited for it are done, margin is looked at, streams are told. */
  price(update: PriceUpdate, now: EpochMs): void {
    this.advance(now);
    if (!this.#desk.market.instruments.has(update.instrument)) return;
    this.#desk.market.set(update, this.#now);
    this.#candles.see(update.instrument, update.bid, update.ask, this.#now);
    for (const account of this.#accounts.values()) onPrice(account, update.instrument, () => this.#batch());
    for (const stream of this.#streams) this.#tellPrice(stream, update.instrument);
  }

  /** Lets time pass: orders expire, interest is charged at 17:00 New York, streams beat. Time never goes back. */
  advance(now: EpochMs): void {
    while (this.#now < now) {
      const next = Math.min(now, this.nextAt);
      this.#now = next;
      for (const account of this.#accounts.values()) expire(account, () => this.#batch());
      if (next >= this.#nextRoll) this.#roll();
      for (const stream of this.#streams) this.#passTime(stream);
    }
  }

  /** What happens at the venue without a request. */
  happen(event: SandboxEvent, now: EpochMs): void {
    this.advance(now);
    const name = 'account' in event ? event.account : undefined;
    const account = name === undefined ? [...this.#accounts.values()][0] : this.#accounts.get(name);
    if (event.kind === 'halt') this.#halt(event.instrument, event.halted);
    else if (event.kind === 'next-fill-share') this.#desk.nextFillShare = event.share;
    else if (event.kind === 'clock-skew') this.#desk.skewMs = event.ms;
    else if (account !== undefined) this.#byHand(account, event);
  }

  truth(): SandboxTruth {
    const { orders, fills, cash } = this.#desk;
    return {
      orders,
      fills,
      cash,
      positions: [...this.#accounts.values()].flatMap(positionsOf),
      accounts: [...this.#accounts.values()].map(({ spec, balance, transactions }) => ({
        id: spec.id,
        balance,
        transactions,
      })),
      requests: this.#requests,
    };
  }

  #batch(requestID = ''): Batch {
    return { at: this.#now, requestID, ids: [] };
  }

  #requestID(): string {
    let text = '4';
    for (let i = 0; i < 16; i++) text += String(Math.floor(this.#rng.next() * 10));
    return text;
  }

  #halt(instrument: string, halted: boolean): void {
    this.#desk.market.halt(instrument, halted);
    for (const stream of this.#streams) this.#tellPrice(stream, instrument);
  }

  #byHand(
    account: AccountState,
    event: Exclude<SandboxEvent, { readonly kind: 'halt' | 'next-fill-share' | 'clock-skew' }>,
  ): void {
    const batch = this.#batch();
    if (event.kind === 'transfer') account.transfer(event.amount, batch);
    else if (event.kind === 'close-out') closeOut(account, event.instrument, batch);
    else if (event.kind === 'cancel-by-hand') {
      const order = account.pending.get(event.orderId);
      if (order !== undefined) cancelOrder(account, order, 'CLIENT_REQUEST', batch);
    } else {
      const { instrument, units } = event;
      const ticket = { type: 'MARKET', instrument, units, timeInForce: 'FOK', positionFill: 'DEFAULT' } as const;
      execute(account, createOrder(account, ticket, 'CLIENT_ORDER', batch).order, batch);
    }
  }

  #roll(): void {
    for (const account of this.#accounts.values()) chargeFinancing(account, this.#batch());
    this.#nextRoll = rollAfter(this.#now);
  }

  #answer(request: SandboxRequest, requestID: string): Answer {
    const url = new URL(request.path, 'http://sandbox');
    const [, version, kind, id = '', ...segments] = url.pathname.split('/').map(decodeURIComponent);
    const account = kind === 'accounts' ? this.#accounts.get(id) : [...this.#accounts.values()][0];
    const refusal = this.#refusal(request, kind === 'accounts' ? id : '', account);
    if (refusal !== undefined) return refusal;
    if (version !== 'v3' || account === undefined) return kind === 'accounts' ? this.#list() : NOTHING;
    if (segments.at(-1) === 'candles' && request.method === 'GET') {
      return this.#listCandles(kind === 'accounts' ? (segments[1] ?? '') : id, url.searchParams);
    }
    if (kind !== 'accounts') return NOTHING;
    if (segments.join('/') === 'candles/latest') return this.#latestCandles(url.searchParams);
    return this.#call(request, account, segments, url.searchParams, requestID);
  }

  #call(
    request: SandboxRequest,
    account: AccountState,
    segments: readonly string[],
    query: URLSearchParams,
    requestID: string,
  ): Answer {
    const found = findRoute(request.method, segments);
    if (found.kind === 'nothing') return NOTHING;
    if (found.kind === 'wrong-method') return failed(405, 'Method Not Allowed');
    const body = parse(request.body);
    if (body === null) return failed(400, 'The JSON body of the request could not be parsed');
    return found.route.call({ account, batch: this.#batch(requestID), name: found.name, query, body });
  }

  /** Why a request gets no further than the door. */
  #refusal(request: SandboxRequest, id: string, account: AccountState | undefined): Answer | undefined {
    this.#recent = this.#recent.filter((at) => at > this.#now - 1000);
    if (this.#recent.length >= this.settings.requestsPerSecond) {
      return { ...failed(429, 'Rate limit exceeded'), headers: { 'retry-after': '1' } };
    }
    this.#recent.push(this.#now);
    if (request.headers['authorization'] !== `Bearer ${this.settings.token}`) {
      return failed(401, 'Insufficient authorization to perform request.');
    }
    return id !== '' && account === undefined ? failed(403, 'The provided request was forbidden.') : undefined;
  }

  #list(): Answer {
    return ok({ accounts: [...this.#accounts.keys()].map((id) => ({ id, tags: [] })) });
  }

  #listCandles(instrument: string, query: URLSearchParams): Answer {
    const digits = this.#desk.market.instruments.get(instrument)?.displayPrecision;
    if (digits === undefined) return failed(400, "Invalid value specified for 'instrument'");
    return listCandles({ candles: this.#candles, instrument, digits, query, now: this.#now });
  }

  /** `candleSpecifications=EUR_USD:S10:BM,…`: the newest two of each. */
  #latestCandles(query: URLSearchParams): Answer {
    const latestCandles: Json[] = [];
    for (const text of (query.get('candleSpecifications') ?? '').split(',')) {
      const [instrument = '', granularity = 'S5', price = 'M'] = text.split(':');
      const one = this.#listCandles(instrument, new URLSearchParams({ granularity, price, count: '2' }));
      if (one.status !== 200) return one;
      latestCandles.push(one.body);
    }
    return ok({ latestCandles });
  }

  #tellPrice(stream: Stream, name: string): void {
    const line = stream.prices?.line(name, this.#now);
    if (line !== undefined) say(stream, line);
  }

  #tellRecord(account: AccountState, record: Json): void {
    for (const stream of this.#streams) {
      if (stream.account === account && stream.prices === undefined) say(stream, record);
    }
  }

  #passTime(stream: Stream): void {
    for (const line of stream.prices?.late(this.#now) ?? []) say(stream, line);
    if (this.#now < stream.beatAt) return;
    stream.beatAt = this.#now + this.settings.heartbeatMs;
    this.#beat(stream);
  }

  #beat(stream: Stream): void {
    const time = stamp(this.#now + this.#desk.skewMs);
    const { lastTransactionID } = stream.account;
    if (stream.prices === undefined) say(stream, { type: 'HEARTBEAT', lastTransactionID, time });
    else say(stream, { type: 'HEARTBEAT', time });
  }
}

const NOTHING = failed(404, 'The requested resource does not exist');

function say(stream: Stream, line: Json): void {
  stream.tell(JSON.stringify(line, stream.unix ? unixStamps : undefined));
}

/** Undefined for no body, null for one that is no JSON. */
function parse(body: string | undefined): unknown {
  if (body === undefined || body === '') return undefined;
  try {
    return JSON.parse(body) ?? undefined;
  } catch {
    return null;
  }
}

function positionsOf(account: AccountState): TruePosition[] {
  const names = new Set([...account.open.values()].map((trade) => trade.instrument));
  return [...names].map((instrument) => {
    const trades = account.openTrades(instrument);
    const units = trades.reduce((sum, trade) => sum + trade.units, 0);
    const value = trades.reduce((sum, trade) => sum + trade.units * trade.price, 0);
    return { account: account.spec.id, instrument, units, averagePrice: value / units };
  });
}
