import type { IncomingMessage } from 'node:http';
import type { ClientOptions, RawData, WebSocket } from 'ws';
import { isAllowedUrl, isLoopback } from './address.js';
import { pinned, TLS } from './http.js';
import { codeOf, WireError, whyOf } from './message.js';

/** A connection to be made, as plain data. */
export interface SocketRequest {
  /** Scheme, host, port, path and query with `https` (or `http` to this machine), for which `wss` (`ws`) is spoken. No secrets. */
  readonly url: string;
  /** Connect to this address and to no other (`checkUrl` of `public-address.ts`). */
  readonly connectTo: string;
  /** From the first byte out until `settled` is called, ms: a server that accepts and then says nothing is no stream. */
  readonly settleMs: number;
}

/** What comes in. `alive` is the answer to a ping: the other side is there and had nothing to say. */
export type SocketItem =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'binary' }
  | { readonly kind: 'alive' };

/** One connection that stands. */
export interface SocketTalk {
  say(text: string): void;
  /** What had to be said for data to flow is said. */
  settled(): void;
  /**
   * What comes, in order, each once. Ends when the signal says so, throws a `WireError` when the connection does; whoever stops
   * reading closes it. May be read once.
   */
  items(): AsyncGenerator<SocketItem>;
}

/** The door for conversations. */
export interface Sockets {
  open(request: SocketRequest, signal: AbortSignal): Promise<SocketTalk>;
}

export interface SocketOptions {
  /** Longest message, bytes: a longer one ends the connection before it is read. */
  readonly messageCap?: number;
  /** Messages that wait for their reader; at this many the other side is made to wait, by TCP. */
  readonly queueCap?: number;
  /** The same in characters. */
  readonly queueChars?: number;
  /** Pause between pings; without any byte for three of them the connection is dead, ms. */
  readonly pingMs?: number;
}

const MIB = 1024 * 1024;
const DEFAULTS = { messageCap: MIB, queueCap: 4_096, queueChars: 8 * MIB, pingMs: 10_000 } as const;
/** A polite end waits this long for the other side: vendors count connections and refuse the next one until they know, ms. */
const FAREWELL_MS = 1_000;
/** Pings without any byte after them. */
const UNHEARD_MAX = 2;
/** Answers to pings are left out while this much waits to be sent: whoever asks and does not read gets none. */
const OUTBOX_CAP = 64 * 1024;

/** The other side, or what lies between, ended a connection. */
export class SocketClosed extends WireError {
  readonly code: number;
  /** Text of the other side. */
  readonly reason: string;

  constructor(code: number, reason: string) {
    super('closed', true);
    this.code = code;
    this.reason = reason;
  }
}

const CLOSE_CODES: Readonly<Record<number, string>> = {
  1000: 'it ended the connection',
  1001: 'it goes away, for a restart or for good',
  1002: 'it says that we broke the protocol',
  1003: 'it does not take what was sent',
  1005: 'it ended the connection and says no reason',
  1006: 'the connection broke off',
  1007: 'it could not read what was sent',
  1008: 'it does not allow this: a limit was reached, or what it sent was read too slowly',
  1009: 'it says that a message was too large',
  1011: 'it is in trouble',
  1012: 'it is restarting',
  1013: 'it has too much to do, later may work',
  1014: 'a server behind it is in trouble',
};

/** What a close code means, for people. */
export function closeInWords(code: number): string {
  const words = CLOSE_CODES[code];
  if (words !== undefined) return words;
  return code >= 3_000 ? 'it ended the connection with a reason of its own' : 'it ended the connection';
}

/** Real connections: no redirect is followed, nothing is unpacked, only checked certificates, only the checked address. */
export function socketDoor(options: SocketOptions = {}): Sockets {
  const limits = { ...DEFAULTS, ...options };
  return {
    async open(request, signal) {
      if (!isAllowedUrl(request.url)) throw new WireError('forbidden-address', false);
      if (request.url.startsWith('http:') && !isLoopback(request.connectTo)) {
        throw new WireError('forbidden-address', false);
      }
      const { WebSocket: Socket } = await import('ws');
      if (signal.aborted) throw new WireError('aborted', false);
      const settings: ClientOptions & Readonly<Record<string, unknown>> = {
        ...TLS,
        ...pinned(request.connectTo),
        headers: { 'user-agent': 'fxtrade' },
        followRedirects: false,
        perMessageDeflate: false,
        maxPayload: limits.messageCap,
        autoPong: false,
      };
      const socket = new Socket(request.url.replace(/^http/, 'ws'), settings);
      const line = new Line(socket, request, signal, limits);
      await line.open;
      return line;
    },
  };
}

class Line implements SocketTalk {
  readonly open: Promise<void>;
  readonly #socket: WebSocket;
  readonly #limits: Required<SocketOptions>;
  readonly #signal: AbortSignal;
  readonly #gone: Promise<void>;
  #waiting: SocketItem[] = [];
  #chars = 0;
  #taken = 0;
  #isHeld = false;
  #wake: (() => void) | undefined;
  #end: { readonly error: WireError | undefined } | undefined;
  /** Pings since the last byte. */
  #unheard = 0;
  readonly #deadline: NodeJS.Timeout;
  #pulse: NodeJS.Timeout | undefined;

  constructor(socket: WebSocket, request: SocketRequest, signal: AbortSignal, limits: Required<SocketOptions>) {
    this.#socket = socket;
    this.#limits = limits;
    this.#signal = signal;
    const onAbort = (): void => this.#finish(undefined);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#deadline = setTimeout(() => this.#finish(new WireError('timeout', true)), request.settleMs);
    this.#gone = new Promise((done) => {
      socket.once('close', () => {
        signal.removeEventListener('abort', onAbort);
        done();
      });
    });
    this.open = new Promise((done, fail) => {
      socket.once('open', done);
      socket.once('close', () => fail(this.#end?.error ?? new WireError('aborted', false)));
    });
    socket.on('upgrade', (answer) => this.#requireAddress(answer, request.connectTo));
    socket.on('unexpected-response', (_, answer) => {
      this.#finish(new WireError(`status-${answer.statusCode ?? 0}`, true));
    });
    socket.on('error', (error) => this.#finish(troubleOf(error)));
    socket.on('close', (code, reason) => this.#finish(new SocketClosed(code, reason.toString('utf8'))));
    socket.on('message', (data, isBinary) => this.#put(itemOf(data, isBinary)));
    socket.on('pong', () => this.#put({ kind: 'alive' }));
    socket.on('ping', (data) => {
      this.#unheard = 0;
      if (socket.bufferedAmount < OUTBOX_CAP) socket.pong(data);
    });
    socket.once('open', () => {
      this.#pulse = setInterval(() => this.#beat(), limits.pingMs);
    });
  }

  say(text: string): void {
    if (this.#end === undefined) this.#socket.send(text);
  }

  settled(): void {
    clearTimeout(this.#deadline);
  }

  async *items(): AsyncGenerator<SocketItem> {
    try {
      while (!this.#signal.aborted) {
        const item = this.#take();
        if (item !== undefined) {
          yield item;
        } else if (this.#end !== undefined) {
          if (this.#end.error !== undefined) throw this.#end.error;
          return;
        } else {
          await new Promise<void>((done) => {
            this.#wake = done;
          });
        }
      }
    } finally {
      this.#finish(undefined);
      await this.#gone;
    }
  }

  #put(item: SocketItem): void {
    this.#unheard = 0;
    if (this.#end !== undefined) return;
    // Whoever is behind learns from what waits that the other side is there.
    if (item.kind === 'alive' && this.#length > 0) return;
    this.#waiting.push(item);
    this.#chars += sizeOf(item);
    if (this.#length >= this.#limits.queueCap || this.#chars >= this.#limits.queueChars) this.#hold(true);
    this.#awaken();
  }

  #take(): SocketItem | undefined {
    const item = this.#waiting[this.#taken];
    if (item === undefined) return undefined;
    this.#taken++;
    this.#chars -= sizeOf(item);
    // Shifting one by one would move all others each time.
    if (this.#taken * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#taken);
      this.#taken = 0;
    }
    const { queueCap, queueChars } = this.#limits;
    if (this.#isHeld && this.#length * 2 <= queueCap && this.#chars * 2 <= queueChars) this.#hold(false);
    return item;
  }

  get #length(): number {
    return this.#waiting.length - this.#taken;
  }

  /** While nobody reads, TCP makes the other side wait: it may drop us then, and memory stays what it is. */
  #hold(isHeld: boolean): void {
    if (this.#isHeld === isHeld) return;
    this.#isHeld = isHeld;
    this.#unheard = 0;
    if (isHeld) this.#socket.pause();
    else this.#socket.resume();
  }

  #beat(): void {
    if (this.#isHeld || this.#end !== undefined) return;
    // One late look is no silence: a machine that was busy finds what came meanwhile only after its timers.
    if (this.#unheard >= UNHEARD_MAX) {
      this.#finish(new WireError('timeout', true));
      return;
    }
    this.#unheard++;
    if (this.#socket.bufferedAmount < OUTBOX_CAP) this.#socket.ping();
  }

  #requireAddress({ socket }: IncomingMessage, address: string): void {
    if (socket.remoteAddress !== address) this.#finish(new WireError('forbidden-address', true));
  }

  #awaken(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  /** The first reason counts. What waits is still read after a connection that broke, not after one that was given up. */
  #finish(error: WireError | undefined): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    clearTimeout(this.#deadline);
    clearInterval(this.#pulse);
    this.#awaken();
    const socket = this.#socket;
    // A held socket would never read the answer to the farewell.
    if (error !== undefined || this.#isHeld || socket.readyState !== socket.OPEN) {
      socket.terminate();
      return;
    }
    const late = setTimeout(() => socket.terminate(), FAREWELL_MS);
    socket.once('close', () => clearTimeout(late));
    socket.close(1000);
  }
}

function itemOf(data: RawData, isBinary: boolean): SocketItem {
  return isBinary || !Buffer.isBuffer(data) ? { kind: 'binary' } : { kind: 'text', text: data.toString('utf8') };
}

const sizeOf = (item: SocketItem): number => (item.kind === 'text' ? item.text.length : 0);

const TOO_LARGE: ReadonlySet<string> = new Set([
  'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
  'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
  'WS_ERR_TOO_MANY_BUFFERED_PARTS',
]);

/** The error of the library carries the request; only its code goes on. */
function troubleOf(error: unknown): WireError {
  const code = codeOf(error);
  if (TOO_LARGE.has(code)) return new WireError('too-large', true);
  // Without a code: an answer to the handshake that is none.
  if (code === 'unknown' || /^(WS_ERR|HPE)_/.test(code)) return new WireError('protocol', true);
  return new WireError(whyOf(code), false, new Error(code));
}
