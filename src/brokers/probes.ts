import type { KeyFacts } from '../core/ports/key-facts.js';
import { originOf } from '../wire/address.js';
import { HOSTS } from './oanda/client.js';
import type { VenueSecrets } from './registry.js';

/** What testing a venue needs to know of it, besides what it can. */
export interface VenueProbe {
  /** Where a person gets its keys. */
  readonly keyUrl: string;
  readonly keys: readonly KeyFacts[];
  /** Scheme, host and port of everything that is called. */
  origins(secrets: Pick<VenueSecrets, 'plain'>): readonly string[];
}

const OANDA_KINDS: Readonly<Record<string, string>> = { '101': 'practice', '001': 'live' };

const OANDA: VenueProbe = {
  keyUrl: 'https://www.oanda.com/account/tpa/personal_token (practice and live have tokens of their own)',
  keys: [
    {
      name: 'OANDA_TOKEN',
      shape: /^[0-9a-f]{32}-[0-9a-f]{32}$/,
      looks: 'two groups of 32 hexadecimal digits with a dash between them',
    },
    {
      name: 'OANDA_ACCOUNT_ID',
      shape: /^\d{3}-\d{3}-\d{5,9}-\d{3}$/,
      looks: 'four groups of digits such as 101-004-1234567-001',
      opens: (value) => OANDA_KINDS[value.slice(0, 3)],
    },
  ],
  origins(secrets) {
    const own = HOSTS[secrets.plain('OANDA_ENV') === 'live' ? 'live' : 'practice'];
    const base = originOf(secrets.plain('OANDA_BASE_URL') ?? '');
    const stream = originOf(secrets.plain('OANDA_STREAM_URL') ?? '') ?? base;
    return [...new Set([base ?? own.rest, stream ?? own.stream])];
  },
};

const PROBES: ReadonlyMap<string, VenueProbe> = new Map([['oanda', OANDA]]);

/** How a venue is tested; undefined for a name that is none. */
export const venueProbe = (name: string): VenueProbe | undefined => PROBES.get(name);
