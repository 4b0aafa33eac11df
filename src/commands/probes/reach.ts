import { FxError } from '../../core/base/errors.js';
import type { Clock, Stopwatch } from '../../core/ports/clock.js';
import { type Http, WireError } from '../../wire/message.js';
import { checkUrl } from '../../wire/public-address.js';

/** A host that answered. */
export interface Reached {
  readonly ms: number;
  /** Their clock minus ours, ms, to about a second; undefined when they did not say. */
  readonly offsetMs: number | undefined;
}

const NEXT: Readonly<Record<string, string>> = {
  dns: 'the name has no address: check the spelling, the network and its name server',
  tls: 'no safe connection: check the clock of this machine and who stands between (a proxy with its own certificates)',
  refused: 'nobody listens there: check the port, the firewall and the vendor’s status page',
  timeout: 'no answer in time: check the firewall, try --timeout 30s, or see the vendor’s status page',
  'private-address': 'the name leads to a private network, which is not called: check the name server',
  'forbidden-address': 'plain http goes to this machine only: use https',
};
const OTHERWISE = 'check the network and the vendor’s status page';

interface Parts {
  readonly http: Http;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly timeoutMs: number;
}

/**
 * Asks hosts for their front page, without any key and each of them once; every status is an answer, and shows that name,
 * connection and certificate are well. Throws `FEED.UNREACHABLE`.
 */
export function reacher(parts: Parts): (origin: string) => Promise<Reached> {
  const asked = new Map<string, Promise<Reached>>();
  return (origin) => {
    const known = asked.get(origin) ?? reach(origin, parts);
    asked.set(origin, known);
    return known;
  };
}

async function reach(origin: string, { http, clock, stopwatch, timeoutMs }: Parts): Promise<Reached> {
  const checked = await checkUrl(origin);
  if (checked.kind === 'refused') throw unreachable(origin, checked.why);
  const [at, begun] = [clock.now(), stopwatch.mono()];
  try {
    const request = { method: 'GET' as const, url: `${origin}/`, headers: {}, deadlineMs: timeoutMs };
    const { headers } = await http.send({ ...request, connectTo: checked.address });
    const ms = stopwatch.mono() - begun;
    const date = Date.parse(headers['date'] ?? '');
    // The header counts whole seconds, and was written somewhere between question and answer.
    return { ms, offsetMs: Number.isFinite(date) ? date + 500 - (at + ms / 2) : undefined };
  } catch (error) {
    if (error instanceof WireError) {
      // A page that is too long for us is an answer.
      if (error.why === 'too-large') return { ms: stopwatch.mono() - begun, offsetMs: undefined };
      throw unreachable(origin, error.why);
    }
    throw error;
  }
}

function unreachable(origin: string, why: string): FxError {
  return new FxError('FEED.UNREACHABLE', {
    message: `${origin} cannot be reached: ${why}`,
    next: NEXT[why] ?? OTHERWISE,
    facts: { origin, why },
  });
}
