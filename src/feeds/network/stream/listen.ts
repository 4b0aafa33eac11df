import type { Heartbeat } from '../../../core/ports/venue.js';
import type { SocketItem } from '../../../wire/socket.js';
import { parsed, type VendorClient, type VendorParts } from '../client.js';
import type { Dialect, Said } from './dialect.js';
import { endOf, refusedBy } from './refusal.js';

/** From the first byte until the vendor says that quotes will come, ms. */
const SETTLE_MS = 10_000;
/** So many messages in a row that are none: it does not speak what we understand, and counting on would hide it. */
const MALFORMED_MAX = 50;

type Parts = Pick<VendorParts, 'clock' | 'signal' | 'onRefused'>;

/**
 * One connection in a vendor's dialect: what it has as it comes, a heartbeat once what was asked for is on its way and whenever the
 * vendor shows that it is there. Ends when the signal says so, throws an `FxError` when the connection does. What cannot be
 * used is told to `onRefused` and not handed on.
 */
export async function* listen<T>(
  client: VendorClient,
  parts: Parts,
  dialect: Dialect<T>,
  signal: AbortSignal,
): AsyncGenerator<T | Heartbeat> {
  const until = AbortSignal.any([signal, parts.signal]);
  try {
    const talk = await client.talk(dialect.path, SETTLE_MS, until);
    const ear = new Ear(client, parts, {
      settled: () => talk.settled(),
      answer: (message) => talk.say(JSON.stringify(message)),
    });
    for (const message of dialect.opening) talk.say(JSON.stringify(message));
    for await (const item of talk.items()) {
      for (const said of heard(item, dialect)) {
        const one = ear.take(said);
        if (one !== undefined) yield one;
      }
    }
  } catch (error) {
    if (!until.aborted) throw endOf(client, error);
  }
}

function heard<T>(item: SocketItem, dialect: Dialect<T>): readonly Said<T>[] {
  if (item.kind === 'alive') return [{ kind: 'alive' }];
  const message = item.kind === 'text' ? parsed(item.text) : undefined;
  return message === undefined ? [{ kind: 'malformed', why: 'it is not JSON' }] : dialect.read(message);
}

interface Mouth {
  settled(): void;
  answer(message: object): void;
}

/** What has been heard on one connection. */
class Ear {
  readonly #client: VendorClient;
  readonly #parts: Parts;
  readonly #mouth: Mouth;
  #isSettled = false;
  #malformed = 0;

  constructor(client: VendorClient, parts: Parts, mouth: Mouth) {
    this.#client = client;
    this.#parts = parts;
    this.#mouth = mouth;
  }

  /** What is handed on of it. Throws what ends the stream. */
  take<T>(said: Said<T>): T | Heartbeat | undefined {
    // Being there is no sign of being understood.
    if (said.kind !== 'malformed' && said.kind !== 'alive') this.#malformed = 0;
    switch (said.kind) {
      case 'value':
        this.#settle();
        return said.value;
      case 'settled':
        return this.#settle() ? this.#heartbeat() : undefined;
      case 'alive':
        return this.#isSettled ? this.#heartbeat() : undefined;
      case 'answer':
        this.#mouth.answer(said.message);
        return undefined;
      case 'over':
        throw refusedBy(this.#client, said.refusal, said.words);
      case 'unusable':
        this.#parts.onRefused?.({ instrument: said.instrument, why: said.why });
        return undefined;
      default:
        this.#refuse(said.why);
        return undefined;
    }
  }

  /** True the first time. */
  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    this.#mouth.settled();
    return true;
  }

  #heartbeat(): Heartbeat {
    return { kind: 'heartbeat', ts: this.#parts.clock.now() };
  }

  #refuse(why: string): void {
    this.#parts.onRefused?.({ instrument: undefined, why });
    this.#malformed++;
    if (this.#malformed < MALFORMED_MAX) return;
    throw this.#client.malformed('on its stream', `${MALFORMED_MAX} messages in a row, the last because ${why}`);
  }
}
