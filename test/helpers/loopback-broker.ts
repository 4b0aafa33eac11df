import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OandaSandbox } from '../../src/brokers/oanda/sandbox/account.js';
import { FaultPlan, type FaultScript } from '../../src/brokers/oanda/sandbox/faults.js';
import { serveSandbox } from '../../src/brokers/oanda/sandbox/server.js';
import { FaultyVenue } from '../../src/brokers/oanda/sandbox/venue.js';
import { systemClock } from '../../src/core/ports/clock.js';
import { bind } from '../../src/core/state/books/book-folder.js';
import { bookFolder } from '../../src/core/state/books/book-path.js';
import { Journal } from '../../src/core/state/books/journal.js';
import { ACCOUNT, instruments } from './oanda-sandbox.js';

const TOKEN = 'sandbox-token';

/** The stand-in on this machine's loopback in real time, with three pairs that trade. */
export async function loopbackBroker(faults: Partial<FaultScript> = {}, mostUnits?: number) {
  const clock = systemClock();
  const sandbox = new OandaSandbox({
    accounts: [{ id: ACCOUNT, currency: 'USD', balance: 100_000 }],
    instruments:
      mostUnits === undefined ? instruments : instruments.map((one) => ({ ...one, maximumOrderUnits: mostUnits })),
    seed: 1,
    start: clock.now(),
  });
  const venue = new FaultyVenue(sandbox, new FaultPlan({ rules: faults.rules ?? [], events: faults.events ?? [] }, 1));
  const quote = (instrument: string, bid: number, ask: number, more: object = {}): void =>
    venue.price({ instrument, bid, ask, ...more }, clock.now());
  quote('EUR_USD', 1.1, 1.1002);
  quote('USD_JPY', 145, 145.02);
  quote('GBP_USD', 1.27, 1.2703);
  const server = await serveSandbox({ venue, clock, tickMs: 50 });
  return {
    env: {
      BROKER_TYPE: 'oanda',
      OANDA_ENV: 'practice',
      OANDA_BASE_URL: server.url,
      OANDA_STREAM_URL: server.url,
      OANDA_TOKEN: TOKEN,
      OANDA_ACCOUNT_ID: ACCOUNT,
    },
    sandbox,
    quote,
    truth: () => sandbox.truth(),
    working: () => sandbox.truth().orders.filter(({ state }) => state === 'PENDING'),
    /** A person at the broker's own screen: not through the network, so no fault meets it. */
    byHand: (order: object) =>
      JSON.parse(
        sandbox.handle(
          {
            method: 'POST',
            path: `/v3/accounts/${ACCOUNT}/orders`,
            headers: { authorization: `Bearer ${TOKEN}` },
            body: JSON.stringify({ order }),
          },
          clock.now(),
        ).body,
      ),
    close: () => server.close(),
  };
}

export type LoopbackBroker = Awaited<ReturnType<typeof loopbackBroker>>;

/** A line of a journal that a live session would have written. */
export interface Written {
  readonly type: string;
  readonly ts?: number;
  readonly fields: object;
}

/** A home with a live book whose session is gone, and the records it left. */
export function leftLiveBook(records: readonly Written[] = [], name = ACCOUNT) {
  const home = mkdtempSync(join(tmpdir(), 'fxtrade-live-'));
  const folder = bookFolder(home, 'live', name);
  const now = systemClock().now();
  bind(folder, {
    version: 1,
    kind: 'live',
    strategy: 'sma-cross',
    codeHash: '',
    params: {},
    configHash: '',
    dataHash: 'oanda',
    arguments: {
      name: 'sma-cross',
      broker: 'oanda',
      account: ACCOUNT,
      environment: 'practice',
      currency: 'USD',
      instruments: 'EUR/USD',
      timeframe: '1h',
      rates: '',
      capital: '100000',
      begunAt: String(now),
      begunCursor: '1',
    },
    startedAt: new Date(now).toISOString(),
  });
  const journal = new Journal(folder, {});
  for (const { type, ts, fields } of records) journal.append(ts ?? now, type, fields);
  journal.close();
  return { home, folder };
}

/** An entry that a session recorded; with `attempt` it may have left, and nobody said what became of it. */
export function anEntry(clientId: string, more: { readonly attemptedAt?: number; readonly cursor?: string } = {}) {
  const order = {
    id: `o-${clientId}`,
    clientId,
    createdAt: 0,
    intent: {
      instrument: 'EUR/USD',
      side: 'buy',
      units: 100,
      type: 'limit',
      price: 1,
      timeInForce: 'GTC',
      reduceOnly: false,
      reason: 'test',
    },
  };
  const submit: Written = { type: 'submit', fields: { order } };
  if (more.attemptedAt === undefined) return [submit];
  const attempt = { type: 'attempt', ts: more.attemptedAt, fields: { clientId, cursor: more.cursor ?? '1' } };
  return [submit, attempt];
}
