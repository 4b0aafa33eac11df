import { seededRng } from '../../core/base/rng.js';
import { type Clock, systemStopwatch } from '../../core/ports/clock.js';
import { randomBits } from '../../core/state/random-bits.js';
import type { PageStore } from '../../feeds/network/client.js';
import type { FeedSurroundings } from '../../feeds/registry.js';
import type { KeySources } from './venues.js';

/** What a feed is opened with: the keys of the environment, the real network and time. */
export async function feedSurroundings(
  sources: KeySources & { readonly clock: Clock; readonly signal: AbortSignal },
  pages?: PageStore,
): Promise<FeedSurroundings> {
  const { loadSecrets } = await import('../../core/config/secrets.js');
  const { wait } = await import('../../core/ports/wait.js');
  const { clock, signal } = sources;
  return {
    secrets: loadSecrets(sources),
    clock,
    stopwatch: systemStopwatch(),
    wait,
    rng: seededRng(Buffer.from(randomBits()).toString('hex')),
    signal,
    ...(pages === undefined ? {} : { pages }),
  };
}
