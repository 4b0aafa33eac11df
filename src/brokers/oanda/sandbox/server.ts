import type { EpochMs } from '../../../core/model/ids.js';
import type { Clock } from '../../../core/ports/clock.js';
import { type Arrival, type LoopbackServer, listen, type Responder } from '../../../wire/server.js';
import type { PriceUpdate } from './message.js';
import type { Delivery, FaultyVenue } from './venue.js';

export interface ServeOptions {
  readonly venue: FaultyVenue;
  readonly clock: Clock;
  /** Default: a free one. */
  readonly port?: number;
  /** Prices that became known since it was last asked. */
  readonly prices?: (now: EpochMs) => Iterable<PriceUpdate>;
  /** How often time and prices move on, ms. */
  readonly tickMs?: number;
}

/** The stand-in on this machine's loopback: one port for requests and streams, real time. */
export async function serveSandbox(options: ServeOptions): Promise<LoopbackServer> {
  const { venue, clock } = options;
  const server = await listen((arrival, responder) => answer(venue, clock, arrival, responder), options.port ?? 0);
  const timer = setInterval(() => {
    const now = clock.now();
    for (const update of options.prices?.(now) ?? []) venue.price(update, now);
    venue.advance(now);
  }, options.tickMs ?? 100);
  return {
    ...server,
    close: () => {
      clearInterval(timer);
      return server.close();
    },
  };
}

function answer(venue: FaultyVenue, clock: Clock, arrival: Arrival, responder: Responder): void {
  const now = clock.now();
  if (!/\/stream(\?|$)/.test(arrival.path)) {
    deliver(venue.request(arrival, now), responder);
    return;
  }
  const begin = once(() => responder.begin(200, { 'content-type': 'application/octet-stream' }));
  const opened = venue.stream(arrival, now, {
    line: (text) => {
      begin();
      responder.write(`${text}\n`);
    },
    drop: () => responder.reset(),
  });
  if (opened.kind === 'refused') {
    deliver(opened.delivery, responder);
    return;
  }
  begin();
  responder.onClose(() => opened.close());
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (!done) act();
    done = true;
  };
}

const FILLER = ' '.repeat(64 * 1024);

function deliver(delivery: Delivery, responder: Responder): void {
  if (delivery.kind === 'silence') return;
  if (delivery.kind === 'reset') {
    responder.reset();
    return;
  }
  const { status, headers, body } = delivery.reply;
  if (delivery.kind === 'endless') {
    responder.begin(status, headers);
    const timer = setInterval(() => responder.write(FILLER), 5);
    responder.onClose(() => clearInterval(timer));
    return;
  }
  const { afterMs, bytesPerSecond } = delivery;
  const send = (): void => {
    if (bytesPerSecond === undefined) responder.reply(status, headers, body);
    else responder.trickle(status, headers, body, bytesPerSecond);
  };
  if (afterMs === 0) send();
  else setTimeout(send, afterMs);
}
