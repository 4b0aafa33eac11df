import { assert } from '../core/base/assert.js';
import { FxError } from '../core/base/errors.js';
import type { Hidden } from '../core/base/hide.js';
import type { Rng } from '../core/base/rng.js';
import { didYouMean } from '../core/base/suggest.js';
import type { Clock, Stopwatch, Wait } from '../core/ports/clock.js';
import type { Venue } from '../core/ports/venue.js';
import { originOf } from '../wire/address.js';
import type { Http } from '../wire/message.js';
import type { RateLimit } from '../wire/rate-limit.js';

/** Keys and plain values as `core/config/secrets.ts` offers them. */
export interface VenueSecrets {
  get(name: 'OANDA_TOKEN'): { reveal(): string } | undefined;
  plain(name: 'OANDA_ACCOUNT_ID' | 'OANDA_ENV' | 'OANDA_BASE_URL' | 'OANDA_STREAM_URL'): string | undefined;
}

/** What every venue is opened with. */
export interface VenueSurroundings {
  readonly secrets: VenueSecrets;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly wait: Wait;
  /** Spreads repeated reads. */
  readonly rng: Rng;
  /** The network; left out, the real one. */
  readonly http?: Http;
}

/** What a venue is and can, so that nobody asks for its name elsewhere. */
export interface VenueCapabilities {
  readonly name: string;
  /** How people call it. */
  readonly title: string;
  /** Names in the environment without which it cannot be opened. */
  readonly needs: readonly string[];
  /** Where money is not at risk. */
  readonly practice: boolean;
  /** Types of order that it has, and how. */
  readonly orders: Readonly<Record<'market' | 'limit' | 'stop' | 'stop-limit' | 'trailing-stop', string>>;
  /** A stop or target can be given with the order. */
  readonly brackets: boolean;
  readonly quotes: boolean;
  readonly bars: boolean;
}

interface Entry extends VenueCapabilities {
  open(surroundings: VenueSurroundings): Promise<Venue>;
  /** Accounts that its keys reach. */
  reach(surroundings: VenueSurroundings): Promise<readonly string[]>;
}

const OANDA: Entry = {
  name: 'oanda',
  title: 'OANDA v20',
  needs: ['OANDA_TOKEN', 'OANDA_ACCOUNT_ID'],
  practice: true,
  orders: {
    market: 'all or nothing, or what can be had at once (IOC)',
    limit: 'yes',
    stop: 'yes',
    'stop-limit': 'a stop with a worst price: filled inside it or cancelled, it does not work on as a limit order',
    'trailing-stop': 'of one open trade, with its size',
  },
  brackets: true,
  quotes: true,
  bars: true,
  async open(surroundings) {
    const { oandaVenue } = await import('./oanda/venue.js');
    return oandaVenue(await oandaParts(surroundings));
  },
  async reach(surroundings) {
    const { accountsOf } = await import('./oanda/access.js');
    const parts = await oandaParts(surroundings);
    return accountsOf(parts).finally(() => parts.onClose());
  },
};

async function oandaParts(surroundings: VenueSurroundings) {
  const { secrets, clock } = surroundings;
  const token = given('oanda', 'OANDA_TOKEN', secrets.get('OANDA_TOKEN')?.reveal());
  const accountId = given('oanda', 'OANDA_ACCOUNT_ID', secrets.plain('OANDA_ACCOUNT_ID'));
  const environment = oandaEnvironment(secrets.plain('OANDA_ENV') ?? 'practice');
  const { HOSTS } = await import('./oanda/client.js');
  const base = hostOf('OANDA_BASE_URL', secrets.plain('OANDA_BASE_URL'));
  const stream = hostOf('OANDA_STREAM_URL', secrets.plain('OANDA_STREAM_URL')) ?? base;
  const own = HOSTS[environment];
  const hosts = { rest: base ?? own.rest, stream: stream ?? own.stream };
  // 120 requests a second are allowed, the rest is for a second program; many new connections at once are not liked.
  const pace = { perSecond: 100, burst: 50, reservedShare: 0.3, connections: 4 };
  const { http, close } = await pacedHttp(surroundings, [{ value: token, shown: '[secret OANDA_TOKEN]' }], pace);
  return { http, token, accountId, environment, hosts, clock, onClose: close };
}

const VENUES: ReadonlyMap<string, Entry> = new Map([[OANDA.name, OANDA]]);

/** Every venue an order can go to, besides the simulated one. */
export const venues = (): readonly VenueCapabilities[] => [...VENUES.values()];

/** What a venue can; undefined for a name that is none. */
export const capabilitiesOf = (name: string): VenueCapabilities | undefined => VENUES.get(name);

/** Opens a venue: loads its adapter, reads its keys, sends nothing. Throws `CONFIG.MISSING_SECRET` and the like. */
export async function openVenue(name: string, surroundings: VenueSurroundings): Promise<Venue> {
  return entryOf(name).open(surroundings);
}

/** Ids of all accounts that a venue's keys reach, the chosen one among them: whoever has the keys has them all. One read. */
export async function accountsInReach(name: string, surroundings: VenueSurroundings): Promise<readonly string[]> {
  return entryOf(name).reach(surroundings);
}

function entryOf(name: string): Entry {
  const entry = VENUES.get(name);
  if (entry !== undefined) return entry;
  throw new FxError('USAGE.UNKNOWN_VENUE', {
    message: `there is no venue ${JSON.stringify(name)}`,
    next: `${didYouMean(name, VENUES.keys())}choose one of: ${[...VENUES.keys()].join(', ')}`,
    facts: { venue: name },
  });
}

/** The network at a venue's pace; reads are repeated, orders never. What comes back holds none of the `secrets`. */
async function pacedHttp(
  { http, clock, stopwatch, wait, rng }: VenueSurroundings,
  secrets: readonly Hidden[],
  { connections, ...limit }: RateLimit & { readonly connections: number },
): Promise<{ readonly http: Http; close(): void }> {
  const [{ rateLimited }, { retrying }, { hiding }] = await Promise.all([
    import('../wire/rate-limit.js'),
    import('../wire/retry.js'),
    import('../wire/hide.js'),
  ]);
  const own = http === undefined ? (await import('../wire/http.js')).httpClient({ connections }) : undefined;
  const door = own ?? http;
  assert(door !== undefined, 'there is a network');
  const slow = rateLimited(hiding(door, secrets), limit, { mono: () => stopwatch.mono(), wait });
  return { http: retrying(slow, { clock, wait, rng }), close: () => own?.close() };
}

function given(venue: string, name: string, value: string | undefined): string {
  if (value !== undefined && /[^\x21-\x7e]/.test(value)) {
    throw new FxError('CONFIG.BAD_SECRET', {
      message: `${name} has a space, a line end or a character that no key has`,
      next: `copy ${name} again, without what stands around it`,
      facts: { venue, name },
    });
  }
  if (value !== undefined && value !== '') return value;
  throw new FxError('CONFIG.MISSING_SECRET', {
    message: `${venue} needs ${name}, which is not set`,
    next: `set ${name} in the environment or in .env (mode 0600)`,
    facts: { venue, name },
  });
}

function oandaEnvironment(text: string): 'practice' | 'live' {
  if (text === 'practice' || text === 'live') return text;
  throw new FxError('CONFIG.WRONG_ENVIRONMENT', {
    message: `OANDA_ENV is ${JSON.stringify(text)}, allowed are practice and live`,
    next: 'set OANDA_ENV=practice, or OANDA_ENV=live for an account with money',
    facts: { environment: text },
  });
}

/** Scheme, host and port of an override; the paths are the adapter's. */
function hostOf(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const origin = originOf(value);
  if (origin !== undefined) return origin;
  throw new FxError('CONFIG.BAD_URL', {
    message: `${name} must be https://host:port, or http://127.0.0.1:port for a server on this machine`,
    next: `leave out path, query and password in ${name}; /v3 is added`,
    facts: { name },
  });
}
