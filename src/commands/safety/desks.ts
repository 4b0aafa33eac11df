import { openVenue } from '../../brokers/registry.js';
import { seededRng } from '../../core/base/rng.js';
import { loadSecrets, type Secrets } from '../../core/config/secrets.js';
import type { SweepTime } from '../../core/dispatch/sweep.js';
import { type Clock, systemStopwatch } from '../../core/ports/clock.js';
import type { Venue } from '../../core/ports/venue.js';
import { wait } from '../../core/ports/wait.js';
import { type BookFacts, bookFacts } from '../../core/state/emergency/book-facts.js';
import { bootId } from '../../core/state/lock/boot-id.js';
import { randomBits } from '../../core/state/random-bits.js';

/** Where an emergency command looks for books and keys, and its time. */
export interface Surroundings {
  readonly home: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
}

/** An account at a broker, and the books that trade in it. */
export interface Desk {
  readonly broker: string;
  readonly account: string;
  readonly environment: 'practice' | 'money' | undefined;
  readonly books: readonly BookFacts[];
}

export interface FoundDesks {
  readonly desks: readonly Desk[];
  /** Books whose account cannot be told, and keys that cannot be read. */
  readonly trouble: readonly string[];
}

/** The accounts at stake: of every live book, and the one that `BROKER_TYPE` names. Loads no settings, asks nobody. */
export function findDesks(from: Surroundings, book?: string): FoundDesks {
  const trouble: string[] = [];
  const desks = new Map<string, Desk>();
  for (const facts of bookFacts(from.home, book)) {
    if (facts.mode !== 'live') continue;
    const { broker, account, environment } = facts.arguments;
    if (broker === undefined || account === undefined) {
      trouble.push(`the book ${facts.name} does not say which account it trades in (book.json is damaged)`);
      continue;
    }
    const key = `${broker} ${account}`;
    const known = environment === 'money' || environment === 'practice' ? environment : undefined;
    const before = desks.get(key) ?? { broker, account, environment: known, books: [] };
    desks.set(key, { ...before, books: [...before.books, facts] });
  }
  const secrets = secretsOf(from, trouble);
  const broker = secrets.plain('BROKER_TYPE');
  const account = broker === 'oanda' ? secrets.plain('OANDA_ACCOUNT_ID') : undefined;
  const named = broker !== undefined && account !== undefined && book === undefined;
  if (named && !desks.has(`${broker} ${account}`)) {
    desks.set(`${broker} ${account}`, { broker, account, environment: undefined, books: [] });
  }
  return { desks: [...desks.values()], trouble };
}

/** A venue that looks at the desk's account, whatever account the environment names now. Sends nothing yet. */
export function openDesk(desk: Desk, from: Surroundings): Promise<Venue> {
  const secrets = secretsOf(from, []);
  const own = new Map<string, string>([['OANDA_ACCOUNT_ID', desk.account]]);
  const environment = desk.environment === 'money' ? 'live' : desk.environment;
  own.set('OANDA_ENV', environment ?? secrets.plain('OANDA_ENV') ?? 'practice');
  return openVenue(desk.broker, {
    secrets: { get: (name) => secrets.get(name), plain: (name) => own.get(name) ?? secrets.plain(name) },
    clock: from.clock,
    stopwatch: systemStopwatch(),
    wait: (ms, signal) => wait(ms, signal ?? never),
    rng: seededRng(Buffer.from(randomBits()).toString('hex')),
  });
}

/** A `.env` that cannot be used must not keep the keys of the environment from being used. */
function secretsOf({ home, cwd, env }: Surroundings, trouble: string[]): Secrets {
  try {
    return loadSecrets({ home, cwd, env });
  } catch (error) {
    trouble.push(`keys in .env are left out: ${(error as Error).message}`);
    return loadSecrets({ home: NOWHERE, cwd: NOWHERE, env });
  }
}

const NOWHERE = '/dev/null/nowhere';

const never = new AbortController().signal;

/** Real time: an emergency is over when it is over, whatever clock the program was given. */
export function realTime(): SweepTime {
  return { ...systemStopwatch(bootId()), wait: (ms) => wait(ms, never) };
}
