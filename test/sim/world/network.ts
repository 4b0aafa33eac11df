import type { SandboxRequest } from '../../../src/brokers/oanda/sandbox/message.js';
import type { Delivery, FaultyVenue } from '../../../src/brokers/oanda/sandbox/venue.js';
import { type Rng, seededRng } from '../../../src/core/base/rng.js';
import { HeldError, type Http, type HttpAnswer, type HttpRequest, WireError } from '../../../src/wire/message.js';
import type { SimProcess } from './process.js';
import type { Cancel, Scheduler } from './scheduler.js';
import type { Swarm } from './swarm.js';

/** The network between the processes of one machine and the venue: seeded delays; what has left arrives. */
export class Network {
  requests = 0;
  /** Requests that have left and not arrived. */
  onTheWay = 0;
  readonly #scheduler: Scheduler;
  readonly #venue: FaultyVenue;
  readonly #swarm: Swarm;
  readonly #rng: Rng;
  /** Told of every request at the moment in which its bytes leave. */
  onLeave: (request: HttpRequest) => void = () => undefined;

  readonly #patience: number;

  /** `patience`: how many times as long as asked for silence on a stream is borne. */
  constructor(scheduler: Scheduler, venue: FaultyVenue, swarm: Swarm, seed: string | number, patience = 1) {
    this.#patience = patience;
    this.#scheduler = scheduler;
    this.#venue = venue;
    this.#swarm = swarm;
    this.#rng = seededRng(`network ${seed}`);
  }

  http(process: SimProcess): Http {
    return {
      send: (request) => this.#send(process, request),
      lines: (request, signal) => this.#lines(process, request, signal),
    };
  }

  #delay(): number {
    const long = this.#swarm.strikes('long-latency', 0.3) ? 8_000 : 60;
    return 1 + Math.floor(this.#rng.next() * long);
  }

  #send(process: SimProcess, request: HttpRequest): Promise<HttpAnswer> {
    if (!process.isAlive) return never();
    if (request.mayLeave?.() === false) return Promise.reject(new HeldError());
    this.requests++;
    this.onLeave(request);
    return new Promise((done, fail) => {
      const cancels: Cancel[] = [];
      const ends = (ms: number, what: string, act: () => void): void => {
        const cancel = process.in(ms, what, () => {
          for (const other of cancels) other();
          act();
        });
        cancels.push(cancel);
      };
      if (this.#swarm.strikes('refused-connection', 0.3)) {
        ends(this.#delay(), 'is refused', () => fail(new WireError('refused', false)));
        return;
      }
      ends(request.deadlineMs, 'times out', () => fail(new WireError('timeout', true)));
      this.onTheWay++;
      this.#scheduler.in(this.#delay(), `${request.method} ${pathOf(request)} arrives`, () => {
        this.onTheWay--;
        const delivery = this.#venue.request(asSandbox(request), this.#scheduler.now);
        this.#deliver(delivery, ends, done, fail);
      });
    });
  }

  #deliver(
    delivery: Delivery,
    ends: (ms: number, what: string, act: () => void) => void,
    done: (answer: HttpAnswer) => void,
    fail: (error: Error) => void,
  ): void {
    switch (delivery.kind) {
      case 'reply': {
        const { reply, afterMs } = delivery;
        ends(afterMs + this.#delay(), `hears ${reply.status}`, () => done(reply));
        break;
      }
      case 'reset':
        ends(this.#delay(), 'is cut off', () => fail(new WireError('reset', true)));
        break;
      case 'endless':
        ends(this.#delay(), 'hears no end', () => fail(new WireError('too-large', true)));
        break;
      default:
    }
  }

  async *#lines(process: SimProcess, request: HttpRequest, signal: AbortSignal): AsyncGenerator<string> {
    if (!process.isAlive) await never();
    const inbox = new Inbox(process);
    await process.wait(this.#delay(), signal);
    // A connection keeps its order, however long each piece takes.
    let last = 0;
    const inOrder = (): number => {
      last = Math.max(last + 1, this.#scheduler.now + this.#delay());
      return last - this.#scheduler.now;
    };
    const opened = this.#venue.stream(asSandbox(request), this.#scheduler.now, {
      line: (text) => process.in(inOrder(), 'hears a line', () => inbox.add(text)),
      drop: () => process.in(inOrder(), 'loses a stream', () => inbox.end(new WireError('reset', true))),
    });
    if (opened.kind === 'refused') {
      await process.wait(this.#delay(), signal);
      const { delivery } = opened;
      throw new WireError(delivery.kind === 'reply' ? `status-${delivery.reply.status}` : 'reset', true);
    }
    process.onDeath(() => opened.close());
    try {
      yield* inbox.lines(request.deadlineMs * this.#patience, signal);
    } finally {
      opened.close();
    }
  }
}

/** Lines that came and wait to be read. */
class Inbox {
  readonly #process: SimProcess;
  readonly #waiting: string[] = [];
  #end: Error | undefined;
  #wake: () => void = () => undefined;
  #heard = 0;

  constructor(process: SimProcess) {
    this.#process = process;
  }

  add(line: string): void {
    this.#waiting.push(line);
    this.#heard++;
    this.#wake();
  }

  end(error: Error): void {
    this.#end = error;
    this.#wake();
  }

  async *lines(idleMs: number, signal: AbortSignal): AsyncGenerator<string> {
    signal.addEventListener('abort', () => this.#wake(), { once: true });
    this.#watch(idleMs);
    while (!signal.aborted) {
      const line = this.#waiting.shift();
      if (line !== undefined) yield line;
      else if (this.#end !== undefined) throw this.#end;
      else {
        await new Promise<void>((done) => {
          this.#wake = done;
        });
      }
    }
  }

  /** A stream on which nothing comes is dead, whatever the connection says. */
  #watch(idleMs: number): void {
    const heard = this.#heard;
    this.#process.in(idleMs, 'looks at a stream', () => {
      if (this.#heard === heard) this.end(new WireError('timeout', true));
      else if (this.#end === undefined) this.#watch(idleMs);
    });
  }
}

const never = <T>(): Promise<T> => new Promise(() => undefined);

function pathOf({ url }: HttpRequest): string {
  return url.replace(/^https?:\/\/[^/]+\/v3(\/accounts\/[^/?]+)?/, '');
}

function asSandbox({ method, url, headers, body }: HttpRequest): SandboxRequest {
  const path = url.replace(/^https?:\/\/[^/]+/, '');
  return { method, path, headers, ...(body === undefined ? {} : { body }) };
}
