import { FxError } from '../../core/base/errors.js';
import type { InstrumentId } from '../../core/model/ids.js';
import { COIN_QUOTES, isCoin } from './coins.js';

/** What kind of thing an instrument is to a vendor, told from its name. */
export type Kind = 'fx' | 'crypto' | 'stock';

/** Both sides of a pair, or a ticker, as they go into an address. */
export function partsOf(id: InstrumentId): { readonly kind: Kind; readonly base: string; readonly quote: string } {
  const [base = '', quote = '', more] = id.split('/');
  const isPlain = (text: string): boolean => /^[A-Z0-9.]{1,12}$/.test(text);
  if (more !== undefined || !isPlain(base) || (id.includes('/') && !isPlain(quote))) {
    throw new FxError('FEED.SYMBOL', {
      message: `${JSON.stringify(id)} is no symbol that a vendor could know`,
      next: 'give instruments such as EUR/USD, BTC/USD or AAPL',
      facts: { instrument: id },
    });
  }
  if (!id.includes('/')) return { kind: 'stock', base, quote: '' };
  return { kind: isCoin(base) || COIN_QUOTES.has(quote) ? 'crypto' : 'fx', base, quote };
}

/** What a vendor does not have. */
export function notThere(title: string, what: string, next: string): FxError {
  return new FxError('FEED.NOT_FOUND', { message: `${title} has no ${what}`, next, facts: { feed: title } });
}
