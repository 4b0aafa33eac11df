/** One request, as plain data, so that a real socket and a simulated network carry the same. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Scheme, host, port, path and query. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** From the first byte out to the last byte in, ms. */
  readonly deadlineMs: number;
  /** Asked right before the first byte leaves; false: nothing is sent and the answer is a `HeldError`. */
  readonly mayLeave?: () => boolean;
  /** Cancels, closes and halts have a share of the rate of their own: no request for data can use it up. */
  readonly urgent?: boolean;
  /** Connect to this address and to no other; the name in `url` is not asked for again (`checkUrl` of `public-address.ts`). */
  readonly connectTo?: string;
  /** The body of the answer is no text: one character a byte. */
  readonly binary?: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** At most the cap of the sender; text, whatever it means. */
  readonly body: string;
  /** From the question to the answer, ms, without what waited before it left; where somebody measured it. */
  readonly tookMs?: number;
}

/** The door to the network as an adapter sees it. Statuses are answers; only what is no whole answer is an error. */
export interface Http {
  /** Sends once, follows no redirect. Throws a `WireError` where no whole answer came, a `HeldError` where nothing left. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** The lines of an answer that does not end, as they come. Throws a `WireError` at the end of the connection. */
  lines(request: HttpRequest, signal: AbortSignal): AsyncIterable<string>;
}

/** No whole answer came. */
export class WireError extends Error {
  override readonly name = 'WireError';
  /** Bytes may have arrived over there: what was asked for may have happened. */
  readonly sent: boolean;
  /**
   * `timeout`, `refused`, `reset`, `too-large`, `dns`, `tls`, `closed`, `protocol`, `forbidden-address`, `aborted`, and
   * `status-401` for a stream that was refused.
   */
  readonly why: string;

  constructor(why: string, sent: boolean, cause?: unknown) {
    super(`no answer: ${why}`, cause === undefined ? undefined : { cause });
    this.why = why;
    this.sent = sent;
  }
}

/** `mayLeave` said no: nothing was sent. */
export class HeldError extends Error {
  override readonly name = 'HeldError';
}

/** Codes of Node and of the libraries in our words. */
const WHY: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ETIMEDOUT: 'timeout',
};

/** The code of an error of the transport; the error itself may carry the request with its token, so only this goes on. */
export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';
}

/** What a code of the transport means. */
export function whyOf(code: string): string {
  const tls = /^(CERT_|ERR_TLS|ERR_SSL|EPROTO|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME)/.test(code);
  return tls ? 'tls' : (WHY[code] ?? 'reset');
}
