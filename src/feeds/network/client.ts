import type { z } from 'zod';
import { type ErrorCode, FxError } from '../../core/base/errors.js';
import { oneLine } from '../../core/base/text.js';
import type { InstrumentId } from '../../core/model/ids.js';
import type { Clock } from '../../core/ports/clock.js';
import { type Http, type HttpAnswer, type HttpRequest, WireError } from '../../wire/message.js';
import { checkUrl, type Resolve } from '../../wire/public-address.js';
import { redacted } from '../../wire/redact.js';
import { type Sockets, type SocketTalk, socketDoor } from '../../wire/socket.js';

/** What a vendor's adapter is made with. */
export interface VendorParts {
  /** Paced and repeated: `feeds/registry.ts` puts it together. */
  readonly http: Http;
  /** Scheme, host and port. */
  readonly host: string;
  /** The same for streams; left out, the vendor's own. */
  readonly streamHost?: string;
  readonly clock: Clock;
  /** Ends what is waited for. */
  readonly signal: AbortSignal;
  /** Answers that an interrupted pull had already; left out, every one is asked for. */
  readonly pages?: PageStore;
  /** Addresses of a name; left out, the system's. */
  readonly resolve?: Resolve;
  /** A text without the values of secrets: vendors repeat keys in their complaints. */
  readonly hide?: (text: string) => string;
  /** Streams; left out, real ones. */
  readonly sockets?: Sockets;
  /** Told of what a stream said that is no quote to use. */
  readonly onRefused?: (refused: RefusedQuote) => void;
}

/** Something that a stream said and that nobody was given. */
export interface RefusedQuote {
  /** Undefined where it does not say what it is of. */
  readonly instrument: InstrumentId | undefined;
  /** For people; no text of the other side. */
  readonly why: string;
}

/** Answers kept on disk while a pull is not complete. Names are ours: letters, digits and dashes. */
export interface PageStore {
  read(name: string): string | undefined;
  write(name: string, body: string): void;
}

export type Query = Readonly<Record<string, string | number | undefined>>;

export interface Ask {
  readonly path: string;
  readonly query?: Query;
  readonly headers?: Readonly<Record<string, string>>;
  /** What is asked for, for messages. */
  readonly what: string;
  /** The variable that holds the key, for messages. */
  readonly key?: string;
  /** The name under which the answer is kept until the pull is complete. */
  readonly page?: string;
  /** A status that is an answer too, with what it says instead of a body. */
  readonly empty?: number;
  /** One character a byte: for what is no text. */
  readonly binary?: boolean;
}

const DEADLINE_MS = 30_000;

/** Reads of one vendor. What is not a whole good answer is a `FEED.*` error that names the vendor and never the key. */
export class VendorClient {
  readonly title: string;
  readonly #parts: VendorParts;
  #offsetMs: number | undefined;
  #address: Promise<{ readonly connectTo: string }> | undefined;

  constructor(title: string, parts: VendorParts) {
    this.title = title;
    this.#parts = parts;
  }

  /** Their time minus ours, ms, as the last answer said it to the second; undefined before the first. */
  get clockOffsetMs(): number | undefined {
    return this.#offsetMs;
  }

  /** The body of an answer with status 200; empty for the status that means none. */
  async text(ask: Ask): Promise<string> {
    const kept = ask.page === undefined ? undefined : this.#parts.pages?.read(ask.page);
    if (kept !== undefined) return kept;
    const answer = await this.send(ask);
    if (answer.status === ask.empty) return '';
    if (answer.status !== 200) throw this.refused(answer, ask);
    if (ask.page !== undefined) this.#parts.pages?.write(ask.page, answer.body);
    return answer.body;
  }

  /** The value of an answer in JSON, checked. */
  async json<T extends z.ZodType>(ask: Ask, schema: T): Promise<z.infer<T>> {
    return this.checked(parsed(await this.text(ask)), schema, ask.what);
  }

  checked<T extends z.ZodType>(value: unknown, schema: T, what: string): z.infer<T> {
    if (value === undefined) throw this.malformed(what, 'it is not JSON');
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    const path = issue?.path.map(String).join('.') ?? '';
    throw this.malformed(what, `${path === '' ? '' : `${path}: `}${issue?.message ?? 'not as expected'}`);
  }

  /** The answer itself, whatever its status. */
  async send(ask: Ask): Promise<HttpAnswer> {
    const { signal, clock } = this.#parts;
    const address = await this.#checkedHost(ask.what);
    const request: HttpRequest = {
      method: 'GET',
      url: `${this.#parts.host}${ask.path}${searchOf(ask.query)}`,
      headers: { ...ask.headers },
      deadlineMs: DEADLINE_MS,
      ...(ask.binary === true ? { binary: true } : {}),
      ...address,
    };
    const asked = clock.now();
    const answer = await until(signal, this.#parts.http.send(request), () => this.#stopped()).catch((error) => {
      // The vendor may have moved: the next read asks for the name again.
      this.#address = undefined;
      throw this.#unreachable(error, ask.what);
    });
    const date = Date.parse(answer.headers['date'] ?? '');
    const now = clock.now();
    // The header counts whole seconds, and was written somewhere between question and answer: not while the question waited.
    if (Number.isFinite(date)) this.#offsetMs = date + 500 - (now - (answer.tookMs ?? now - asked) / 2);
    return answer;
  }

  /** A conversation at the host. Throws a `WireError`, and an `FxError` for a host that must not be called. */
  async talk(path: string, settleMs: number, signal: AbortSignal): Promise<SocketTalk> {
    const { host, sockets = socketDoor() } = this.#parts;
    const { connectTo } = await this.#checked('the stream');
    return sockets.open({ url: `${host}${path}`, connectTo, settleMs }, signal);
  }

  /** Text of the other side as it may be shown: without secrets and without what acts on a terminal. */
  shown(text: string, longest?: number): string {
    return oneLine(redacted(this.#hidden(text), longest)).trim();
  }

  malformed(what: string, why: string): FxError {
    return new FxError('FEED.MALFORMED', {
      message: `${this.title} answered ${what} with something that cannot be used: ${this.shown(why)}`,
      next: 'nothing of it was used; try again later, and report it if it stays',
      retryable: true,
      facts: { feed: this.title },
    });
  }

  /** The error that a status means. */
  refused(answer: HttpAnswer, ask: Ask): FxError {
    const { code, says, next } = meaningOf(answer, this.title, ask);
    const said = this.shown(answer.body, 200);
    const words = said === '' || said.startsWith('<') ? '' : `: ${said}`;
    return new FxError(code, {
      message: `${this.title} ${says} (status ${answer.status}) when asked for ${ask.what}${words}`,
      next,
      retryable: answer.status >= 500 || answer.status === 429,
      facts: { feed: this.title, status: answer.status },
    });
  }

  #hidden(text: string): string {
    return this.#parts.hide === undefined ? text : this.#parts.hide(text);
  }

  /** Asked once while it works: a host that leads to a private network is not called, and its name cannot lead elsewhere. */
  #checkedHost(what: string): Promise<{ readonly connectTo: string }> {
    this.#address ??= this.#checked(what).catch((error) => {
      this.#address = undefined;
      throw error;
    });
    return this.#address;
  }

  async #checked(what: string): Promise<{ readonly connectTo: string }> {
    const { host, resolve } = this.#parts;
    const checked = await checkUrl(host, resolve);
    if (checked.kind === 'allowed') return { connectTo: checked.address };
    if (checked.why === 'dns') throw this.#unreachable(new WireError('dns', false), what);
    throw this.forbidden(checked.why);
  }

  /** The error for a host that leads to a private network or is spelled to deceive. */
  forbidden(why: string): FxError {
    return new FxError('FEED.FORBIDDEN_ADDRESS', {
      message: `the address of ${this.title} is not one that may be called: ${why}`,
      next: 'use https to a public host, or a server on this machine (http://127.0.0.1:PORT)',
      facts: { feed: this.title, why },
    });
  }

  #unreachable(error: unknown, what: string): unknown {
    if (!(error instanceof WireError)) return error;
    if (error.why === 'forbidden-address') return this.forbidden(error.why);
    if (error.why === 'too-large') {
      return new FxError('FEED.TOO_LARGE', {
        message: `${this.title} answered ${what} with more than is read at once`,
        next: 'ask for less with --from and --to',
        facts: { feed: this.title },
      });
    }
    return new FxError('FEED.UNREACHABLE', {
      message: `${this.title} gave no answer for ${what}: ${error.why}`,
      next: 'check the network and the vendor’s status page, then run the command again: it goes on where it stopped',
      retryable: true,
      facts: { feed: this.title, why: error.why },
    });
  }

  #stopped(): FxError {
    return new FxError('FEED.STOPPED', {
      message: `reading from ${this.title} was stopped`,
      next: 'run the command again: it goes on where it stopped',
      facts: { feed: this.title },
    });
  }
}

/** Undefined for what is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function searchOf(query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return search.size === 0 ? '' : `?${search}`;
}

function meaningOf(
  { status }: HttpAnswer,
  title: string,
  ask: Ask,
): { readonly code: ErrorCode; readonly says: string; readonly next: string } {
  if (status === 401 || status === 403) {
    const key = ask.key === undefined ? 'the key' : ask.key;
    const next = `check ${key} and what its plan allows; docs/feeds.md says where to get one`;
    return { code: 'FEED.BAD_KEY', says: 'refused the key, or the plan does not have it', next };
  }
  if (status === 404) {
    return { code: 'FEED.NOT_FOUND', says: 'has no such data', next: 'check the symbol, series and dates' };
  }
  if (status === 429) {
    const next = 'wait a minute, or a day where the plan counts days; what was read is kept and not asked again';
    return { code: 'FEED.RATE_LIMIT', says: 'says that it was asked too often', next };
  }
  if (status >= 300 && status < 400) {
    const next = 'redirects are not followed; check its base URL, and report it if the address was not replaced';
    return { code: 'FEED.REDIRECT', says: 'sent us elsewhere', next };
  }
  if (status >= 500) {
    return {
      code: 'FEED.DOWN',
      says: 'is in trouble',
      next: `try again later: the trouble is on the side of ${title}`,
    };
  }
  return { code: 'FEED.REFUSED', says: 'refused the request', next: 'check the symbol, series, dates and the key' };
}

/** The work, or an error as soon as nobody waits for it any more. */
function until<T>(signal: AbortSignal, work: Promise<T>, stopped: () => Error): Promise<T> {
  if (signal.aborted) {
    work.catch(() => undefined);
    return Promise.reject(stopped());
  }
  return new Promise((done, fail) => {
    const end = (): void => fail(stopped());
    signal.addEventListener('abort', end, { once: true });
    work.then(done, fail).finally(() => signal.removeEventListener('abort', end));
  });
}
