import { type VenueProbe, venueProbe } from '../../brokers/probes.js';
import {
  accountsInReach,
  openVenue,
  type VenueCapabilities,
  type VenueSurroundings,
  venues,
} from '../../brokers/registry.js';
import { FxError } from '../../core/base/errors.js';
import { seededRng } from '../../core/base/rng.js';
import { isOpen } from '../../core/model/calendar/sessions.js';
import type { InstrumentId } from '../../core/model/ids.js';
import { parseSymbol } from '../../core/model/instruments.js';
import type { Venue, VenueAccount } from '../../core/ports/venue.js';
import { randomBits } from '../../core/state/random-bits.js';
import { reachCheck, streamFinding } from './feeds.js';
import { isUnused, type KeyNeeds, keyCheck } from './keys.js';
import { limitsSeen, recordingLimits } from './limits.js';
import {
  type Bench,
  type Check,
  type Finding,
  fail,
  lengthText,
  pass,
  type Subject,
  type Surroundings,
  universeOf,
  warn,
} from './subject.js';

/** A quote of an open market that is older than this is no price to trade on, ms. */
const QUOTE_AGE_MS = 5 * 60_000;
const SKEW_WARN_MS = 2_000;
const SKEW_FAIL_MS = 30_000;
const SIMULATED = 'sim';

/** Every venue, and the one that was chosen. */
export function brokerSubjects(surroundings: Surroundings): readonly Subject[] {
  const all = venues().flatMap((venue) => {
    const probe = venueProbe(venue.name);
    return probe === undefined ? [] : [subjectOf(venue, probe, surroundings)];
  });
  const chosen: Check = { name: 'chosen', run: async ({ secrets }) => chosenFinding(secrets.plain('BROKER_TYPE')) };
  return [{ name: 'broker', group: 'brokers', origins: [], checks: [chosen] }, ...all];
}

function chosenFinding(name: string | undefined): Finding {
  const names = venues().map((one) => one.name);
  if (name === undefined) return pass('BROKER_TYPE is not set: live asks for --broker, paper needs none');
  if (name === SIMULATED) return pass('BROKER_TYPE is sim: the simulated broker of paper');
  if (names.includes(name)) return pass(`BROKER_TYPE is ${name}`);
  return fail(
    `BROKER_TYPE is ${JSON.stringify(name)}, which is no broker`,
    `set BROKER_TYPE to one of: ${names.join(', ')}`,
  );
}

function subjectOf(venue: VenueCapabilities, probe: VenueProbe, surroundings: Surroundings): Subject {
  const needs: KeyNeeds = {
    name: venue.name,
    title: venue.title,
    needs: venue.needs,
    facts: probe.keys,
    from: probe.keyUrl,
    isUsed: ({ secrets }) => secrets.plain('BROKER_TYPE') === venue.name,
  };
  const subject = { name: venue.name, group: 'brokers' as const };
  if (isUnused(needs, surroundings)) return { ...subject, origins: [], checks: [keyCheck(needs)] };
  const origins = probe.origins(surroundings.secrets);
  return { ...subject, origins, checks: [keyCheck(needs), reachCheck(origins), ...accountChecks(venue.name)] };
}

interface Opened {
  readonly venue: Venue;
  readonly http: VenueSurroundings['http'];
}

/** What the account says, with reads alone. */
function accountChecks(name: string): readonly Check[] {
  let opened: Opened | undefined;
  let account: VenueAccount | undefined;
  const venueOf = async (bench: Bench): Promise<Venue> => {
    if (opened === undefined) {
      const http = recordingLimits(bench.http);
      opened = { http, venue: await openVenue(name, surroundingsOf(bench, http)) };
      bench.signal.addEventListener('abort', () => opened?.venue.close(), { once: true });
    }
    return opened.venue;
  };
  return [
    {
      name: 'access',
      async run(bench) {
        account = await (await venueOf(bench)).account();
        return accountFinding(account);
      },
    },
    {
      name: 'permissions',
      async run(bench) {
        const http = recordingLimits(bench.http);
        return reachFinding(await accountsInReach(name, surroundingsOf(bench, http)), account?.id ?? '');
      },
    },
    { name: 'clock', run: async (bench) => clockFinding((await venueOf(bench)).clockOffsetMs) },
    { name: 'coverage', run: async (bench) => coverage(await venueOf(bench), bench) },
    { name: 'freshness', run: async (bench) => freshness(await venueOf(bench), bench) },
    { name: 'stream', run: async (bench) => streamFinding(await venueOf(bench), parseSymbol('EUR/USD').id, bench) },
    { name: 'limit', run: async () => (opened?.http === undefined ? undefined : limitsSeen(opened.http, name)) },
  ];
}

function accountFinding({ id, environment, currency, hedging }: VenueAccount): Finding {
  const mode = environment === 'money' ? 'an account with money' : 'a practice account';
  if (!hedging) return pass(`${id}: ${mode} in ${currency}`);
  return fail(
    `${id}: ${mode} in ${currency} that holds long and short of one instrument apart (hedging)`,
    'use a sub-account without hedging: books here net them',
  );
}

function reachFinding(accounts: readonly string[], id: string): Finding {
  const others = accounts.filter((one) => one !== id);
  if (others.length === 0) return pass('the key reaches this account alone');
  return warn(
    `the key also reaches ${others.length} other account(s): ${others.slice(0, 5).join(', ')}`,
    'whoever has the key has them all: keep money that is not for trading in another login',
  );
}

function clockFinding(offsetMs: number | undefined): Finding | undefined {
  if (offsetMs === undefined) return undefined;
  const detail = `${lengthText(Math.abs(offsetMs))} away from the clock of the broker`;
  const next = 'set the clock of this machine: timedatectl set-ntp true';
  if (Math.abs(offsetMs) > SKEW_FAIL_MS) return fail(detail, next);
  return Math.abs(offsetMs) > SKEW_WARN_MS ? warn(detail, next) : pass(detail);
}

async function coverage(venue: Venue, bench: Bench): Promise<Finding | undefined> {
  const universe = universeOf(bench);
  if (universe.length === 0) return undefined;
  const lacking = await notTraded(venue, universe);
  if (lacking.length === 0) return pass(`trades all ${universe.length} instruments of the settings`);
  return warn(
    `does not trade ${lacking.slice(0, 10).join(', ')} of the ${universe.length} instruments of the settings`,
    'leave them out, or trade them elsewhere',
  );
}

async function notTraded(venue: Venue, universe: readonly InstrumentId[]): Promise<readonly InstrumentId[]> {
  const lacking: InstrumentId[] = [];
  for (const id of universe) {
    try {
      // One read for all: the first answer is kept.
      await venue.instruments([id]);
    } catch (error) {
      if (!(error instanceof FxError) || error.code !== 'BROKER.UNKNOWN_INSTRUMENT') throw error;
      lacking.push(id);
    }
  }
  return lacking;
}

async function freshness(venue: Venue, bench: Bench): Promise<Finding> {
  const wanted = universeOf(bench);
  const lacking = new Set(await notTraded(venue, wanted));
  const traded = wanted.filter((id) => !lacking.has(id));
  const ids = traded.length === 0 ? [parseSymbol('EUR/USD').id] : traded;
  const quotes = await venue.latestQuotes(ids);
  const newest = Math.max(...quotes.map(({ ts }) => ts));
  const now = bench.clock.now();
  if (!isOpen('fx', now)) return pass('the FX market is shut: no price is expected');
  if (!Number.isFinite(newest)) return fail('no price of anything', 'see the broker’s status page');
  const detail = `newest of ${ids.length} price(s) is ${lengthText(Math.max(0, now - newest))} old`;
  if (now - newest <= QUOTE_AGE_MS) return pass(detail);
  return fail(
    `${detail}, limit is ${lengthText(QUOTE_AGE_MS)}`,
    'see the broker’s status page; nothing is traded on an old price',
  );
}

function surroundingsOf(bench: Bench, http: NonNullable<VenueSurroundings['http']>): VenueSurroundings {
  const { secrets, clock, stopwatch, wait, signal } = bench;
  return {
    secrets,
    clock,
    stopwatch,
    wait: (ms, also) => wait(ms, also === undefined ? signal : AbortSignal.any([also, signal])),
    rng: seededRng(Buffer.from(randomBits()).toString('hex')),
    http,
  };
}
