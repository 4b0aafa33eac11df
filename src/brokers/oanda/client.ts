import type { z } from 'zod';
import { type ErrorCode, FxError } from '../../core/base/errors.js';
import type { Clock } from '../../core/ports/clock.js';
import { type Http, type HttpAnswer, type HttpRequest, WireError } from '../../wire/message.js';
import { redacted } from '../../wire/redact.js';

export interface OandaHosts {
  /** Scheme, host and port. */
  readonly rest: string;
  readonly stream: string;
}

export const HOSTS: Readonly<Record<'practice' | 'live', OandaHosts>> = {
  practice: { rest: 'https://api-fxpractice.oanda.com', stream: 'https://stream-fxpractice.oanda.com' },
  live: { rest: 'https://api-fxtrade.oanda.com', stream: 'https://stream-fxtrade.oanda.com' },
};

const READ_DEADLINE_MS = 10_000;
/** Longer than the venue takes under load, and short enough that the look-up begins while it still matters. */
const ORDER_DEADLINE_MS = 15_000;

export type Query = Readonly<Record<string, string | number | undefined>>;

export interface ClientParts {
  readonly http: Http;
  readonly hosts: OandaHosts;
  readonly accountId: string;
  /** The token itself; it goes into one header and nowhere else. */
  readonly token: string;
  readonly clock: Clock;
}

/** Requests of one account. Reads give a checked value or throw `BROKER.*`; orders give the raw answer to be judged. */
export class OandaClient {
  readonly #parts: ClientParts;
  #offsetMs: number | undefined;

  constructor(parts: ClientParts) {
    this.#parts = parts;
  }

  /** Venue time minus ours, ms; undefined before the first answer that says a time. */
  get clockOffsetMs(): number | undefined {
    return this.#offsetMs;
  }

  /** Learns how far the clocks are apart from a time that the venue just said. */
  observe(venueTime: number): void {
    this.#offsetMs = venueTime - this.#parts.clock.now();
  }

  /** Below `/v3/accounts/{id}`. */
  async read<T extends z.ZodType>(path: string, schema: T, query: Query = {}, urgent = false): Promise<z.infer<T>> {
    return this.readUrl(`/accounts/${encodeURIComponent(this.#parts.accountId)}${path}`, schema, query, urgent);
  }

  /** Below `/v3`. */
  async readUrl<T extends z.ZodType>(path: string, schema: T, query: Query, urgent: boolean): Promise<z.infer<T>> {
    const request = this.#request('GET', this.#parts.hosts.rest, path, query, READ_DEADLINE_MS);
    let answer: HttpAnswer;
    try {
      answer = await this.#parts.http.send(urgent ? { ...request, urgent } : request);
    } catch (error) {
      throw unreachable(error, path);
    }
    const venueDate = Date.parse(answer.headers['date'] ?? '');
    // The header counts whole seconds: good enough until something finer was heard.
    if (this.#offsetMs === undefined && Number.isFinite(venueDate)) this.observe(venueDate + 500);
    if (answer.status !== 200) throw refusedRead(answer, path);
    return checked(parsedJson(answer.body), schema, path);
  }

  /** Sends an order, or asks for the end of one; throws what `Http` throws. */
  act(
    method: 'POST' | 'PUT',
    path: string,
    body: unknown,
    more: Pick<HttpRequest, 'mayLeave' | 'urgent'>,
  ): Promise<HttpAnswer> {
    const account = `/accounts/${encodeURIComponent(this.#parts.accountId)}${path}`;
    const request = this.#request(method, this.#parts.hosts.rest, account, {}, ORDER_DEADLINE_MS);
    if (body === undefined) return this.#parts.http.send({ ...request, ...more });
    return this.#parts.http.send({ ...request, ...more, body: JSON.stringify(body) });
  }

  /** The values of a stream, one a line. Ends with the signal; throws `BROKER.STREAM` when the connection does. */
  async *stream(path: string, query: Query, signal: AbortSignal): AsyncGenerator<unknown> {
    const account = `/accounts/${encodeURIComponent(this.#parts.accountId)}${path}`;
    const request = this.#request('GET', this.#parts.hosts.stream, account, query, READ_DEADLINE_MS);
    try {
      for await (const line of this.#parts.http.lines(request, signal)) {
        const value = parsedJson(line);
        if (value === undefined) throw malformed(path, 'a line is not JSON');
        yield value;
      }
    } catch (error) {
      if (error instanceof FxError) throw error;
      throw streamEnded(error, path);
    }
    if (!signal.aborted) throw streamEnded(undefined, path);
  }

  #request(
    method: HttpRequest['method'],
    host: string,
    path: string,
    query: Query,
    deadlineMs: number,
  ): HttpRequest & { headers: Record<string, string> } {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
    const text = search.size === 0 ? '' : `?${search}`;
    const headers: Record<string, string> = {
      authorization: `Bearer ${this.#parts.token}`,
      'accept-datetime-format': 'RFC3339',
    };
    if (method !== 'GET') headers['content-type'] = 'application/json';
    return { method, url: `${host}/v3${path}${text}`, headers, deadlineMs };
  }
}

/** Undefined for what is no JSON. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value in our types, or `BROKER.MALFORMED`: half an answer is none. */
export function checked<T extends z.ZodType>(value: unknown, schema: T, what: string): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const first = result.error.issues[0];
  throw malformed(what, `${first?.path.join('.') ?? ''}: ${first?.message ?? 'not as documented'}`);
}

export function malformed(what: string, why: string): FxError {
  return new FxError('BROKER.MALFORMED', {
    message: `OANDA's answer to ${what} is not what it should be: ${redacted(why)}`,
    next: 'try again; if it stays, OANDA has changed something: update fxtrade before trading on',
    facts: { venue: 'oanda', what },
  });
}

function unreachable(error: unknown, what: string): unknown {
  if (!(error instanceof WireError)) return error;
  return new FxError('BROKER.UNREACHABLE', {
    message: `OANDA gave no answer to ${what}: ${error.why}`,
    next: 'check the connection and https://status.oanda.com, then try again',
    retryable: true,
    facts: { venue: 'oanda', why: error.why },
    cause: error,
  });
}

function streamEnded(error: unknown, what: string): unknown {
  if (error !== undefined && !(error instanceof WireError)) return error;
  const why = error?.why ?? 'closed';
  if (why === 'status-401' || why === 'status-403') return noAccess(why.slice('status-'.length), what);
  return new FxError('BROKER.STREAM', {
    message: `OANDA's stream ${what} ended: ${why}`,
    next: 'nothing: it is opened again and what was missed is read',
    retryable: true,
    facts: { venue: 'oanda', why },
    ...(error === undefined ? {} : { cause: error }),
  });
}

const STATUS: Readonly<Record<number, readonly [ErrorCode, string, boolean]>> = {
  400: ['BROKER.BAD_REQUEST', 'check the instrument and the dates that were asked for', false],
  404: ['BROKER.NOT_FOUND', 'check the account id and what was asked for', false],
  429: ['BROKER.RATE_LIMITED', 'wait a minute; another program may use the same account', true],
};

function refusedRead(answer: HttpAnswer, what: string): FxError {
  if (answer.status === 401 || answer.status === 403) return noAccess(String(answer.status), what);
  const body = parsedJson(answer.body);
  const said =
    typeof body === 'object' && body !== null && 'errorMessage' in body
      ? `: ${redacted(String(body.errorMessage))}`
      : '';
  const [code, next, retryable] = STATUS[answer.status] ?? [
    'BROKER.UNAVAILABLE',
    'check https://status.oanda.com, then try again',
    true,
  ];
  return new FxError(code, {
    message: `OANDA answered ${what} with status ${answer.status}${said}`,
    next,
    retryable,
    facts: { venue: 'oanda', status: answer.status },
  });
}

function noAccess(status: string, what: string): FxError {
  return new FxError('BROKER.NO_ACCESS', {
    message: `OANDA refuses access to ${what} (status ${status})`,
    next: 'check OANDA_TOKEN, OANDA_ACCOUNT_ID and OANDA_ENV; open orders can be cancelled at https://www.oanda.com',
    facts: { venue: 'oanda', status: Number(status) },
  });
}
