import type { EpochMs } from '../../../core/model/ids.js';
import type { OandaSandbox } from './account.js';
import { type Fault, FaultPlan } from './faults.js';
import type { PriceUpdate, SandboxReply, SandboxRequest } from './message.js';
import { operationOf } from './routes.js';

/** What the client's end of the connection sees. */
export type Delivery =
  | {
      readonly kind: 'reply';
      readonly reply: SandboxReply;
      readonly afterMs: number;
      /** Undefined: at once. */
      readonly bytesPerSecond?: number;
    }
  /** The connection dies without an answer. */
  | { readonly kind: 'reset' }
  /** The connection stays open, and nothing ever comes. */
  | { readonly kind: 'silence' }
  /** Status and headers, then a body without end. */
  | { readonly kind: 'endless'; readonly reply: SandboxReply };

/** The client's end of a stream. */
export interface StreamEnd {
  line(text: string): void;
  /** The venue, or the network, ended it. */
  drop(): void;
}

export type OpenedStream =
  | { readonly kind: 'open'; close(): void }
  | { readonly kind: 'refused'; readonly delivery: Delivery };

interface Late {
  readonly at: EpochMs;
  readonly act: () => void;
}

/**
 * The stand-in behind a network that a fault script breaks. It has no clock either: whoever carries the messages says the time
 * and calls `advance`; what a script delays happens at its own moment then.
 */
export class FaultyVenue {
  readonly sandbox: OandaSandbox;
  readonly #plan: FaultPlan;
  #late: Late[] = [];
  #hiddenUntil = Number.NEGATIVE_INFINITY;

  constructor(sandbox: OandaSandbox, plan: FaultPlan = new FaultPlan({ rules: [], events: [] }, 0)) {
    this.sandbox = sandbox;
    this.#plan = plan;
    for (const { atMs, event } of plan.script.events) {
      const at = sandbox.now + atMs;
      this.#at(at, () => sandbox.happen(event, at));
    }
  }

  /** The earliest moment at which something of a script happens by itself; `sandbox.nextAt` has the venue's own. */
  get nextAt(): EpochMs {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#late.map((one) => one.at));
  }

  advance(now: EpochMs): void {
    for (;;) {
      const due = this.#late.filter((one) => one.at <= now).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#late = this.#late.filter((one) => one !== due);
      this.sandbox.advance(due.at);
      due.act();
    }
    this.sandbox.advance(now);
  }

  price(update: PriceUpdate, now: EpochMs): void {
    this.advance(now);
    this.sandbox.price(update, now);
  }

  /** A request that leaves the client now. */
  request(request: SandboxRequest, now: EpochMs): Delivery {
    this.advance(now);
    const faults = this.#plan.next(operationOf(request.method, request.path));
    for (const fault of faults) this.#prepare(fault, now);
    const broken = faults.map((fault) => this.#instead(fault, request, now)).find((one) => one !== undefined);
    if (broken !== undefined) return broken;
    const plain: Delivery = { kind: 'reply', reply: this.#heard(request, now), afterMs: 0 };
    if (faults.some((fault) => fault.kind === 'duplicate')) this.#heard(request, now);
    return faults.reduce<Delivery>((delivery, fault) => spoiled(delivery, fault, request), plain);
  }

  /** A request that has left and arrives at its moment, whatever becomes of its sender; `receive` is told what the way back has. */
  arrive(request: SandboxRequest, at: EpochMs, receive: (delivery: Delivery) => void): void {
    this.#at(at, () => receive(this.request(request, at)));
  }

  /** A stream that the client opens now. */
  stream(request: SandboxRequest, now: EpochMs, end: StreamEnd): OpenedStream {
    this.advance(now);
    const faults = this.#plan.next(operationOf(request.method, request.path));
    for (const fault of faults) this.#prepare(fault, now);
    const broken = faults.map((fault) => this.#instead(fault, request, now)).find((one) => one !== undefined);
    if (broken !== undefined) return { kind: 'refused', delivery: broken };
    let stalled = false;
    let closed = false;
    const opened = this.sandbox.subscribe(request, now, (line) => {
      if (!stalled && !closed) end.line(line);
    });
    if (opened.kind === 'refused') {
      return { kind: 'refused', delivery: { kind: 'reply', reply: opened.reply, afterMs: 0 } };
    }
    const close = (): void => {
      closed = true;
      opened.close();
    };
    for (const fault of faults) {
      if (fault.kind === 'stall') {
        this.#at(now + fault.ms, () => {
          stalled = true;
        });
      } else if (fault.kind === 'drop-stream') {
        this.#at(now + fault.ms, () => {
          if (closed) return;
          close();
          end.drop();
        });
      }
    }
    return { kind: 'open', close };
  }

  #at(at: EpochMs, act: () => void): void {
    this.#late.push({ at, act });
  }

  /** What happens at the venue before it hears the request. */
  #prepare(fault: Fault, now: EpochMs): void {
    switch (fault.kind) {
      case 'halt':
        this.sandbox.happen({ kind: 'halt', instrument: fault.instrument, halted: fault.halted }, now);
        break;
      case 'trade-by-hand':
        this.sandbox.happen({ kind: 'trade-by-hand', instrument: fault.instrument, units: fault.units }, now);
        break;
      case 'close-out': {
        const { instrument } = fault;
        this.sandbox.happen(instrument === undefined ? { kind: 'close-out' } : { kind: 'close-out', instrument }, now);
        break;
      }
      case 'transfer':
        this.sandbox.happen({ kind: 'transfer', amount: fault.amount }, now);
        break;
      case 'clock-skew':
        this.sandbox.happen({ kind: 'clock-skew', ms: fault.ms }, now);
        break;
      case 'partial-fill':
        this.sandbox.happen({ kind: 'next-fill-share', share: fault.share }, now);
        break;
      case 'hidden':
        this.#hiddenUntil = Math.max(this.#hiddenUntil, now + fault.ms);
        break;
      default:
    }
  }

  /** What comes instead of the venue's answer; some of it after the venue did what was asked. */
  #instead(fault: Fault, request: SandboxRequest, now: EpochMs): Delivery | undefined {
    switch (fault.kind) {
      case 'drop-before':
        return { kind: 'reset' };
      case 'drop-after':
        this.#heard(request, now);
        return { kind: 'reset' };
      case 'silence-after':
        this.#heard(request, now);
        return { kind: 'silence' };
      case 'late': {
        const at = now + fault.ms;
        this.#at(at, () => this.#heard(request, at));
        return { kind: 'reset' };
      }
      case 'error-before':
        return reply(fault.status, json('The server could not process the request'));
      case 'error-after':
        this.#heard(request, now);
        return reply(fault.status, json('The server could not process the request'));
      case 'html':
        if (fault.after) this.#heard(request, now);
        return reply(502, '<html><body><h1>502 Bad Gateway</h1></body></html>', { 'content-type': 'text/html' });
      case 'empty':
        if (fault.after) this.#heard(request, now);
        return reply(200, '');
      case 'error-in-200':
        return reply(200, json('Internal error'));
      case 'too-many':
        return reply(429, json('Rate limit exceeded'), retryAfter(fault.retryAfter));
      case 'revoked':
        return reply(401, json('Insufficient authorization to perform request.'));
      default:
        return undefined;
    }
  }

  /** The venue hears the request and answers. */
  #heard(request: SandboxRequest, now: EpochMs): SandboxReply {
    if (now < this.#hiddenUntil && request.method === 'GET' && /\/orders\/[^/?]+$/.test(request.path)) {
      return { status: 404, headers: JSON_HEADERS, body: json('The Order specified does not exist', 'NO_SUCH_ORDER') };
    }
    return this.sandbox.handle(request, now);
  }
}

const JSON_HEADERS = { 'content-type': 'application/json' } as const;

const json = (errorMessage: string, errorCode?: string): string => JSON.stringify({ errorMessage, errorCode });

const retryAfter = (value: string | undefined): Readonly<Record<string, string>> =>
  value === undefined ? {} : { 'retry-after': value };

function reply(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Delivery {
  return { kind: 'reply', reply: { status, headers: { ...JSON_HEADERS, ...headers }, body }, afterMs: 0 };
}

/** What a fault makes of a good answer on its way back. */
function spoiled(delivery: Delivery, fault: Fault, request: SandboxRequest): Delivery {
  if (delivery.kind !== 'reply') return delivery;
  switch (fault.kind) {
    case 'slow':
      return { ...delivery, afterMs: fault.ms };
    case 'slow-body':
      return { ...delivery, bytesPerSecond: fault.bytesPerSecond };
    case 'endless-body':
      return { kind: 'endless', reply: delivery.reply };
    case 'malformed':
      return withBody(delivery, delivery.reply.body.slice(0, Math.ceil(delivery.reply.body.length / 2)));
    case 'wrong-id':
      return withBody(delivery, otherID(delivery.reply.body, request));
    default:
      return delivery;
  }
}

function withBody(delivery: Extract<Delivery, { readonly kind: 'reply' }>, body: string): Delivery {
  return { ...delivery, reply: { ...delivery.reply, body } };
}

/** The client's id turned round wherever the answer repeats it; without one the order's number is another. */
function otherID(body: string, request: SandboxRequest): string {
  const id = /"clientExtensions":\{[^}]*"id":"([^"]+)"/.exec(request.body ?? '')?.[1];
  if (id !== undefined) return body.replaceAll(`"${id}"`, `"${[...id].reverse().join('')}"`);
  return body.replace(/"orderID":"(\d+)"/g, '"orderID":"9$1"');
}
