import type { z } from 'zod';
import { FxError } from '../../core/base/errors.js';
import { oneLine } from '../../core/base/text.js';
import type { Wait } from '../../core/ports/clock.js';
import { redacted } from '../../wire/redact.js';
import { parsed, VendorClient, type VendorParts } from '../network/client.js';

export const ALPHAVANTAGE_HOST = 'https://www.alphavantage.co';

/** Longer than the second that the vendor asks for. */
const BURST_PAUSE_MS = 1_500;
const BURST_TRIES = 4;

/** What an answer says instead of data. */
export type Complaint = 'burst' | 'quota' | 'premium' | 'key' | 'call';

/**
 * The vendor answers everything with status 200: what is wrong stands under one of three keys. The text about too many
 * requests a second may speak of the day's quota too, so it is looked for first.
 */
export function complaintOf(answer: unknown): { readonly kind: Complaint; readonly text: string } | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  const told = answer as Readonly<Record<string, unknown>>;
  const texts = ['Error Message', 'Note', 'Information'].flatMap((key) => {
    const text = told[key];
    return typeof text === 'string' ? [text] : [];
  });
  const [text] = texts;
  if (text === undefined) return undefined;
  return { kind: kindOf(text, 'Error Message' in told), text };
}

function kindOf(text: string, isError: boolean): Complaint {
  if (/spreading out|per second|sparingly|call frequency|per minute/i.test(text)) return 'burst';
  if (/per day|daily/i.test(text)) return 'quota';
  if (/premium|subscribe to/i.test(text) && !isError) return 'premium';
  return /api ?key/i.test(text) ? 'key' : 'call';
}

/** Queries of Alpha Vantage. The key goes into the address, because the vendor takes it nowhere else. */
export class AlphaVantageClient {
  readonly #client: VendorClient;
  readonly #key: string;
  readonly #wait: Wait;

  constructor(parts: VendorParts, key: string, wait: Wait) {
    this.#client = new VendorClient('Alpha Vantage', parts);
    this.#key = key;
    this.#wait = wait;
  }

  get clockOffsetMs(): number | undefined {
    return this.#client.clockOffsetMs;
  }

  async query<T extends z.ZodType>(
    fields: Readonly<Record<string, string>>,
    schema: T,
    what: string,
  ): Promise<z.infer<T>> {
    // News has one form only, and no name for it.
    const form = fields['function'] === 'NEWS_SENTIMENT' ? {} : { datatype: 'json' };
    const query = { ...fields, ...form, apikey: this.#key };
    for (let attempt = 1; ; attempt++) {
      const body = await this.#client.text({ path: '/query', query, what, key: 'ALPHAVANTAGE_API_KEY' });
      const answer = parsed(body);
      const complaint = complaintOf(answer);
      if (complaint === undefined) return this.#client.checked(answer, schema, what);
      if (complaint.kind !== 'burst' || attempt >= BURST_TRIES)
        throw this.#refused(complaint.kind, complaint.text, what);
      await this.#wait(BURST_PAUSE_MS * attempt);
    }
  }

  malformed(what: string, why: string): FxError {
    return this.#client.malformed(what, why);
  }

  #refused(kind: Complaint, text: string, what: string): FxError {
    const { code, says, next } = REFUSALS[kind];
    const said = oneLine(redacted(text.replaceAll(this.#key, '[hidden]'), 200));
    return new FxError(code, {
      message: `Alpha Vantage ${says} when asked for ${what}: ${said}`,
      next,
      retryable: kind === 'burst',
      facts: { feed: 'Alpha Vantage', kind },
    });
  }
}

const REFUSALS = {
  burst: {
    code: 'FEED.RATE_LIMIT',
    says: 'says that it was asked too often',
    next: 'wait a minute; other programs with this key or at this address count too',
  },
  quota: {
    code: 'FEED.QUOTA',
    says: 'has no requests left for today',
    next: 'run the command again tomorrow: it goes on where it stopped; or set ALPHAVANTAGE_PLAN after an upgrade',
  },
  premium: {
    code: 'FEED.PLAN',
    says: 'has this for paying customers only',
    next: 'use daily bars without --from (the newest 100), another feed (docs/feeds.md), or a paid plan',
  },
  key: { code: 'FEED.BAD_KEY', says: 'refused the key', next: 'check ALPHAVANTAGE_API_KEY' },
  call: { code: 'FEED.REFUSED', says: 'refused the request', next: 'check the instrument and the dates' },
} as const;
