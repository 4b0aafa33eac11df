import { FxError } from '../../core/base/errors.js';
import { seededRng } from '../../core/base/rng.js';
import { type Clock, systemStopwatch } from '../../core/ports/clock.js';
import type { Venue } from '../../core/ports/venue.js';
import { randomBits } from '../../core/state/random-bits.js';
import type { PageStore } from '../../feeds/network/client.js';
import type { FeedSurroundings } from '../../feeds/registry.js';

/** Where keys come from. */
export interface KeySources {
  readonly home: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The broker of a live command: as asked for, else `BROKER_TYPE`. The simulated one is what `paper` trades with. */
export async function brokerName(asked: string | undefined, sources: KeySources): Promise<string> {
  const { loadSecrets } = await import('../../core/config/secrets.js');
  const name = asked ?? loadSecrets(sources).plain('BROKER_TYPE');
  if (name !== undefined && name !== 'sim') return name;
  throw new FxError('USAGE.MISSING_BROKER', {
    message:
      name === undefined ? 'no broker is named' : 'the simulated broker is not live: fxtrade paper trades with it',
    next: 'give --broker NAME, or set BROKER_TYPE; brokers: oanda',
    facts: { flag: '--broker' },
  });
}

/** Opens a venue with the keys of the environment. Sends nothing yet. */
export async function openVenueWithKeys(name: string, sources: KeySources, clock: Clock): Promise<Venue> {
  const { loadSecrets } = await import('../../core/config/secrets.js');
  const { openVenue } = await import('../../brokers/registry.js');
  const { wait } = await import('../../core/ports/wait.js');
  const rng = seededRng(Buffer.from(randomBits()).toString('hex'));
  const never = new AbortController().signal;
  return openVenue(name, {
    secrets: loadSecrets(sources),
    clock,
    stopwatch: systemStopwatch(),
    wait: (ms, signal) => wait(ms, signal ?? never),
    rng,
  });
}

/** What a feed is opened with: the keys of the environment, the real network and time. */
export async function feedSurroundings(
  sources: KeySources & { readonly clock: Clock; readonly signal: AbortSignal },
  pages?: PageStore,
): Promise<FeedSurroundings> {
  const { loadSecrets, redact } = await import('../../core/config/secrets.js');
  const { wait } = await import('../../core/ports/wait.js');
  const { clock, signal } = sources;
  const secrets = loadSecrets(sources);
  return {
    secrets: {
      get: (name) => secrets.get(name),
      plain: (name) => secrets.plain(name),
      hide: (text) => redact(text, secrets),
    },
    clock,
    stopwatch: systemStopwatch(),
    wait,
    rng: seededRng(Buffer.from(randomBits()).toString('hex')),
    signal,
    ...(pages === undefined ? {} : { pages }),
  };
}
