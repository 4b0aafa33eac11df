import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { OandaSandbox } from '../../src/brokers/oanda/sandbox/account.js';
import { sandboxInstrument } from '../../src/brokers/oanda/sandbox/instruments.js';
import type { SandboxOptions, SandboxReply } from '../../src/brokers/oanda/sandbox/message.js';
import { instrumentOf } from '../../src/core/model/instruments.js';

export const SHARED = process.env['FXTRADE_SHARED'] ?? '../shared';
/** Each process of tests has one of its own: the fence of an account is one for the whole machine, and files run at once. */
export const ACCOUNT = `101-004-${1_000_000 + (process.pid % 9_000_000)}-001`;
/** Wednesday, 10:00 in New York. */
export const START = Date.UTC(2024, 0, 10, 15);
const TOKEN = 'sandbox-token';

export const instruments = ['EUR/USD', 'USD/JPY', 'GBP/USD'].map((symbol) =>
  sandboxInstrument(instrumentOf(symbol, {}, 'USD')),
);

export interface Told {
  readonly status: number;
  readonly headers: SandboxReply['headers'];
  readonly body: Reply;
}

/** A reply's JSON: whoever reads a field says what it expects there. */
export interface Reply {
  readonly [key: string]: Reply;
}

/** A sandbox with prices, and the shortest way to talk to it. */
export function aSandbox(options: Partial<SandboxOptions> = {}) {
  const sandbox = new OandaSandbox({
    accounts: [{ id: ACCOUNT, currency: 'USD', balance: 100_000 }],
    instruments,
    seed: 1,
    start: START,
    ...options,
  });
  let now = START;
  const quote = (instrument: string, bid: number, ask: number, more: object = {}) =>
    sandbox.price({ instrument, bid, ask, ...more }, now);
  quote('EUR_USD', 1.1, 1.1002);
  quote('USD_JPY', 145, 145.02);
  quote('GBP_USD', 1.27, 1.2703);
  const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Told => {
    const whole = path.startsWith('/v3') ? path : `/v3/accounts/${ACCOUNT}${path === '' ? '' : `/${path}`}`;
    const reply = sandbox.handle(
      {
        method,
        path: whole,
        headers: { authorization: `Bearer ${TOKEN}`, ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      },
      now,
    );
    return { status: reply.status, headers: reply.headers, body: JSON.parse(reply.body) };
  };
  return {
    sandbox,
    quote,
    call,
    get: (path: string) => call('GET', path),
    order: (order: object) => call('POST', 'orders', { order }),
    market: (instrument: string, units: number, id?: string, more: object = {}) =>
      call('POST', 'orders', {
        order: {
          type: 'MARKET',
          instrument,
          units: String(units),
          ...(id === undefined ? {} : { clientExtensions: { id } }),
          ...more,
        },
      }),
    now: () => now,
    /** Lets `ms` pass. */
    pass: (ms: number) => {
      now += ms;
      sandbox.advance(now);
    },
    truth: () => sandbox.truth(),
  };
}

/** The published schemas; undefined where the shared data is absent. */
export function oandaSchemas(): OandaSchemas | undefined {
  try {
    return new OandaSchemas(JSON.parse(readFileSync(`${SHARED}/specs/oanda/v20-strict.json`, 'utf8')));
  } catch {
    return undefined;
  }
}

interface Spec {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Record<string, unknown> }>>>>;
}

const pointer = (text: string): string => text.replaceAll('~', '~0').replaceAll('/', '~1');

/** Schema of each record of an account by its type. */
const RECORDS: Readonly<Record<string, string>> = {
  CREATE: 'CreateTransaction',
  TRANSFER_FUNDS: 'TransferFundsTransaction',
  CLIENT_CONFIGURE: 'ClientConfigureTransaction',
  CLIENT_CONFIGURE_REJECT: 'ClientConfigureRejectTransaction',
  ORDER_FILL: 'OrderFillTransaction',
  ORDER_CANCEL: 'OrderCancelTransaction',
  ORDER_CANCEL_REJECT: 'OrderCancelRejectTransaction',
  DAILY_FINANCING: 'DailyFinancingTransaction',
  ORDER_CLIENT_EXTENSIONS_MODIFY: 'OrderClientExtensionsModifyTransaction',
  ORDER_CLIENT_EXTENSIONS_MODIFY_REJECT: 'OrderClientExtensionsModifyRejectTransaction',
  TRADE_CLIENT_EXTENSIONS_MODIFY: 'TradeClientExtensionsModifyTransaction',
  TRADE_CLIENT_EXTENSIONS_MODIFY_REJECT: 'TradeClientExtensionsModifyRejectTransaction',
};
for (const type of 'MARKET LIMIT STOP MARKET_IF_TOUCHED TAKE_PROFIT STOP_LOSS TRAILING_STOP_LOSS'.split(' ')) {
  const name = type
    .toLowerCase()
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
  Object.assign(RECORDS, {
    [`${type}_ORDER`]: `${name}OrderTransaction`,
    [`${type}_ORDER_REJECT`]: `${name}OrderRejectTransaction`,
    [type]: `${name}Order`,
  });
}

/** Checks replies against the published description, and every record in them against the schema of its own type. */
export class OandaSchemas {
  readonly #ajv = new Ajv({ strict: false, allErrors: true });
  readonly #spec: Spec;
  readonly #known = new Map<string, ValidateFunction>();

  constructor(spec: Spec) {
    this.#spec = spec;
    const formats = addFormats as unknown as (ajv: Ajv) => void;
    formats(this.#ajv);
    this.#ajv.addSchema(spec as unknown as object, 'spec');
  }

  /** What is wrong with a reply; empty when nothing is. */
  wrong(method: string, path: string, status: number, body: unknown): readonly string[] {
    const [bare = ''] = path.split('?');
    const template = Object.keys(this.#spec.paths)
      .filter((one) => new RegExp(`^${one.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(bare))
      .sort((a, b) => (a.match(/\{/g)?.length ?? 0) - (b.match(/\{/g)?.length ?? 0))[0];
    const response = this.#spec.paths[template ?? '']?.[method.toLowerCase()]?.responses[status];
    const head = `${method} ${bare} ${status}`;
    if (template === undefined) return status === 404 ? [] : [`${head}: no such path`];
    if (response === undefined) {
      // Every call may be refused at the door, whether its page says so or not.
      return [401, 403, 405, 429].includes(status) ? [] : [`${head}: no such status`];
    }
    const ref = (response as { readonly $ref?: string }).$ref;
    const at =
      ref === undefined
        ? `spec#/paths/${pointer(template)}/${method.toLowerCase()}/responses/${status}/content/application~1json/schema`
        : `spec${ref}/content/application~1json/schema`;
    return [...this.#check(at, body, head), ...this.records(body, head)];
  }

  /** Every record, order and price inside, by the schema of its type. */
  records(value: unknown, head: string): readonly string[] {
    if (Array.isArray(value)) return value.flatMap((one) => this.records(one, head));
    if (typeof value !== 'object' || value === null) return [];
    const found = Object.values(value).flatMap((one) => this.records(one, head));
    const { type } = value as { readonly type?: unknown };
    const name = typeof type === 'string' ? RECORDS[type] : undefined;
    if (name === undefined) return found;
    return [...found, ...this.#check(`spec#/components/schemas/${name}`, value, `${head} ${String(type)}`)];
  }

  named(name: string, value: unknown): readonly string[] {
    return this.#check(`spec#/components/schemas/${name}`, value, name);
  }

  #check(at: string, value: unknown, head: string): readonly string[] {
    let validate = this.#known.get(at);
    if (validate === undefined) {
      validate = this.#ajv.compile({ $ref: at });
      this.#known.set(at, validate);
    }
    if (validate(value)) return [];
    return (validate.errors ?? []).map((error) => `${head}: ${error.instancePath} ${error.message ?? ''}`);
  }
}
