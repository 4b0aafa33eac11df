import type { EpochMs } from '../../../core/model/ids.js';
import type { Wait } from '../../../core/ports/clock.js';
import { HeldError, type Http, type HttpAnswer, type HttpRequest, WireError } from '../../../wire/message.js';
import type { SandboxRequest } from './message.js';
import type { Delivery, FaultyVenue } from './venue.js';

export interface NetworkOptions {
  readonly venue: FaultyVenue;
  readonly now: () => EpochMs;
  /** Resolves when so much time has passed, in whatever time the caller lives. */
  readonly wait: Wait;
  /** How long the next request travels there and its answer back, ms; default nothing. */
  readonly delay?: () => { readonly out: number; readonly back: number };
  /** Asked before each request leaves: true when the network is down, so that nothing leaves. */
  readonly isDown?: () => boolean;
  /** How often an open stream is looked at, ms; default 250. */
  readonly pollMs?: number;
  /** A stream without a line for this long is dead, ms; default as the real network has it. */
  readonly idleMs?: number;
}

const POLL_MS = 250;
const IDLE_MS = 15_000;
/** What the real network refuses to read. */
const BODY_CAP = 8 * 1024 * 1024;

/**
 * A network without sockets that leads to the stand-in, in virtual time: an adapter cannot tell it from the real one. What has
 * left arrives even when its sender is gone by then.
 */
export function sandboxNetwork(options: NetworkOptions): Http {
  return {
    send: (request) => sendOnce(options, request),
    lines: (request, signal) => linesOf(options, request, signal),
  };
}

async function* linesOf(options: NetworkOptions, request: HttpRequest, signal: AbortSignal): AsyncGenerator<string> {
  const { venue, now, wait } = options;
  if (options.isDown?.() === true) throw new WireError('refused', false);
  const queue: string[] = [];
  let dropped = false;
  const opened = venue.stream(heard(request), now(), {
    line: (text) => queue.push(text),
    drop: () => {
      dropped = true;
    },
  });
  if (opened.kind === 'refused') throw await refusalOf(opened.delivery, request, wait);
  const idleMs = options.idleMs ?? IDLE_MS;
  let lineAt = now();
  try {
    while (!signal.aborted) {
      venue.advance(now());
      if (queue.length > 0) lineAt = now();
      yield* queue.splice(0);
      if (dropped || now() - lineAt > idleMs) throw new WireError(dropped ? 'closed' : 'timeout', true);
      await wait(options.pollMs ?? POLL_MS, signal);
    }
  } finally {
    opened.close();
  }
}

async function sendOnce(options: NetworkOptions, request: HttpRequest): Promise<HttpAnswer> {
  const { venue, now, wait } = options;
  const { deadlineMs } = request;
  if (options.isDown?.() === true) throw new WireError('refused', false);
  if (request.mayLeave?.() === false) throw new HeldError();
  const { out, back } = options.delay?.() ?? { out: 0, back: 0 };
  let delivery: Delivery | undefined;
  venue.arrive(heard(request), now() + out, (one) => {
    delivery = one;
  });
  await wait(Math.min(out, deadlineMs));
  venue.advance(now());
  if (out >= deadlineMs || delivery === undefined) throw new WireError('timeout', true);
  const left = deadlineMs - out;
  const cost = back + timeOf(delivery);
  await wait(Math.min(cost, left));
  if (cost >= left && cost > 0) throw new WireError('timeout', true);
  if (delivery.kind === 'reply') return delivery.reply;
  throw new WireError(delivery.kind === 'endless' ? 'too-large' : 'reset', true);
}

/** How long the answer takes from the moment the venue has it, ms. */
function timeOf(delivery: Delivery): number {
  if (delivery.kind === 'silence') return Number.POSITIVE_INFINITY;
  if (delivery.kind !== 'reply') return 0;
  const { afterMs, bytesPerSecond, reply } = delivery;
  const size = Math.min(reply.body.length, BODY_CAP);
  return afterMs + (bytesPerSecond === undefined ? 0 : (size / bytesPerSecond) * 1000);
}

async function refusalOf(delivery: Delivery, request: HttpRequest, wait: NetworkOptions['wait']): Promise<WireError> {
  if (delivery.kind === 'reply') return new WireError(`status-${delivery.reply.status}`, true);
  if (delivery.kind !== 'silence') return new WireError('reset', true);
  await wait(request.deadlineMs);
  return new WireError('timeout', true);
}

function heard({ method, url, headers, body }: HttpRequest): SandboxRequest {
  const path = url.replace(/^https?:\/\/[^/]+/, '');
  return { method, path, headers, ...(body === undefined ? {} : { body }) };
}
