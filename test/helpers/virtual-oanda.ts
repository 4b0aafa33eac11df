import { OandaSandbox } from '../../src/brokers/oanda/sandbox/account.js';
import { FaultPlan, type FaultScript } from '../../src/brokers/oanda/sandbox/faults.js';
import { sandboxInstrument } from '../../src/brokers/oanda/sandbox/instruments.js';
import { FaultyVenue } from '../../src/brokers/oanda/sandbox/venue.js';
import { oandaVenue } from '../../src/brokers/oanda/venue.js';
import { instrumentOf } from '../../src/core/model/instruments.js';
import type { Clock } from '../../src/core/ports/clock.js';
import { HeldError, type Http, WireError } from '../../src/wire/message.js';
import { ACCOUNT, START } from './oanda-sandbox.js';

export interface VirtualOptions {
  readonly seed: number | string;
  readonly symbols: readonly string[];
  readonly faults?: Partial<FaultScript>;
  /** Mid of each symbol; 1.1 unless said. */
  readonly mids?: Readonly<Record<string, number>>;
  readonly balance?: number;
  /** Largest units of one order. */
  readonly mostUnits?: number;
}

/** The real adapter at the stand-in, in virtual time: nothing sleeps, and the same seed gives the same run. */
export function virtualOanda(options: VirtualOptions) {
  const sandbox = new OandaSandbox({
    accounts: [{ id: ACCOUNT, currency: 'USD', balance: options.balance ?? 10_000_000 }],
    instruments: options.symbols.map((symbol) =>
      sandboxInstrument(
        instrumentOf(symbol, {}, 'USD'),
        options.mostUnits === undefined ? {} : { maximumOrderUnits: options.mostUnits },
      ),
    ),
    seed: options.seed,
    start: START,
    settings: { requestsPerSecond: 1_000_000 },
  });
  const faulty = new FaultyVenue(
    sandbox,
    new FaultPlan({ rules: options.faults?.rules ?? [], events: options.faults?.events ?? [] }, options.seed),
  );
  let now = START;
  const pass = (ms: number): void => {
    now += ms;
    faulty.advance(now);
  };
  const clock: Clock = { now: () => now, observe: () => undefined };
  const time = { mono: () => now, wait: async (ms: number) => pass(Math.max(0, ms)) };
  const http: Http = {
    async send(request) {
      if (request.mayLeave?.() === false) throw new HeldError('held');
      const { pathname, search } = new URL(request.url);
      const { method, headers, body } = request;
      pass(5);
      const delivery = faulty.request(
        { method, path: `${pathname}${search}`, headers, ...(body === undefined ? {} : { body }) },
        now,
      );
      await Promise.resolve();
      if (delivery.kind === 'reset') throw new WireError('reset', true);
      if (delivery.kind === 'reply') {
        pass(delivery.afterMs);
        return delivery.reply;
      }
      pass(request.deadlineMs);
      throw new WireError('timeout', true);
    },
    async *lines() {
      yield* [];
      throw new WireError('closed', true);
    },
  };
  const quote = (symbol: string, mid: number, more: object = {}): void => {
    const half = mid * 0.0001;
    const digits = symbol.endsWith('JPY') ? 3 : 5;
    const at = (price: number): number => Number(price.toFixed(digits));
    faulty.price({ instrument: symbol.replace('/', '_'), bid: at(mid - half), ask: at(mid + half), ...more }, now);
  };
  for (const symbol of options.symbols) quote(symbol, options.mids?.[symbol] ?? 1.1);
  const call = (method: string, path: string, body?: unknown) => {
    const reply = sandbox.handle(
      {
        method,
        path: `/v3/accounts/${ACCOUNT}/${path}`,
        headers: { authorization: 'Bearer sandbox-token' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      now,
    );
    return { status: reply.status, body: JSON.parse(reply.body) };
  };
  const hosts = { rest: 'http://127.0.0.1:1', stream: 'http://127.0.0.1:1' };
  return {
    venue: oandaVenue({
      http,
      token: 'sandbox-token',
      accountId: ACCOUNT,
      environment: 'practice',
      hosts,
      clock,
    }),
    sandbox,
    faulty,
    clock,
    time,
    quote,
    pass,
    now: () => now,
    /** A person at the broker's own screen: not through the network, so no fault meets it. */
    byHand: (order: object) => call('POST', 'orders', { order }),
    truth: () => sandbox.truth(),
  };
}
