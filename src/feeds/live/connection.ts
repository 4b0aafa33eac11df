import { FxError } from '../../core/base/errors.js';
import type { Rng } from '../../core/base/rng.js';
import type { Stopwatch, Wait } from '../../core/ports/clock.js';

export interface FollowParts<T> {
  /** One connection; ends or throws when it does. */
  open(signal: AbortSignal): AsyncIterable<T>;
  /** A connection is being made; who holds the controller can give it up. */
  opening(connection: AbortController): void;
  hear(said: T): void;
  /** `isRefused`: trying again soon is of no use. */
  down(why: string, isRefused: boolean): void;
  readonly wait: Wait;
  readonly stopwatch: Stopwatch;
  /** Spreads the times at which connections are made again. */
  readonly rng: Rng;
  readonly signal: AbortSignal;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A connection on which something was heard and that stood for so long is worth having back at once, ms. */
const STOOD_MS = 30_000;
/**
 * What a second connection soon after does not mend. Two programs that share a vendor's only connection would take it from each
 * other twice a second, for ever.
 */
const LATER = /\.(CONNECTIONS|BAD_KEY|PLAN|NOT_FOUND|SYMBOL|NO_ACCESS|FORBIDDEN_ADDRESS)$/;

/**
 * Follows a stream until the signal. A connection that ends, fails or is given up is made again, further apart each time,
 * with uneven pauses so that not everybody comes back at once; one that stood for a while makes the pauses short again. What a
 * vendor does wrong ends a connection and nothing else.
 */
export async function follow<T>(parts: FollowParts<T>): Promise<void> {
  let pause = FIRST_PAUSE_MS;
  while (!parts.signal.aborted) {
    const connection = new AbortController();
    parts.opening(connection);
    const heard = { any: false };
    const from = parts.stopwatch.mono();
    const { why, later } = await readUntilEnd(parts, connection, heard);
    if (parts.signal.aborted) return;
    if (later) pause = LONGEST_PAUSE_MS;
    else if (heard.any && parts.stopwatch.mono() - from >= STOOD_MS) pause = FIRST_PAUSE_MS;
    parts.down(why, later);
    await parts.wait(pause * (0.75 + parts.rng.next() / 2), parts.signal);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

interface End {
  readonly why: string;
  /** Trying again soon is of no use. */
  readonly later: boolean;
}

/** Why the connection ended. One that does not end when it is told to is left alone, and nothing of it is heard any more. */
async function readUntilEnd<T>(
  parts: FollowParts<T>,
  connection: AbortController,
  heard: { any: boolean },
): Promise<End> {
  const signal = AbortSignal.any([parts.signal, connection.signal]);
  const iterator = parts.open(signal)[Symbol.asyncIterator]();
  const reading = async (): Promise<string> => {
    for (;;) {
      const next = await iterator.next();
      if (next.done === true) return 'the connection ended';
      if (signal.aborted) return stopped(signal);
      heard.any = true;
      parts.hear(next.value);
    }
  };
  let end: () => void = () => undefined;
  const given = new Promise<string>((resolve) => {
    end = () => resolve(stopped(signal));
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
  });
  try {
    // Once a connection, not once a message: what races against a promise is kept until that settles.
    return { why: await Promise.race([reading(), given]), later: false };
  } catch (error) {
    if (error instanceof FxError) return { why: error.message, later: LATER.test(error.code) };
    if (error instanceof Error) return { why: error.message, later: false };
    throw error;
  } finally {
    signal.removeEventListener('abort', end);
    iterator.return?.().then(undefined, () => undefined);
  }
}

const stopped = (signal: AbortSignal): string => String(signal.reason ?? 'stopped');
