import { createHash } from 'node:crypto';
import { FxError } from '../../../core/base/errors.js';
import type { Headline } from '../../../core/sentiment/headline.js';
import { SentimentBook } from '../../../core/sentiment/sentiment-book.js';
import type { AnyStrategy } from '../../../core/strategies/strategy.js';
import type { LoadedSettings } from '../../runtime/command.js';
import type { RunRequest } from './request.js';

/** What a session knows of the news, and how far it lets it overrule its strategy. */
export interface SessionNews {
  readonly book: SentimentBook;
  readonly halfLifeMs: number;
  /** Score against a wish from which it is overruled; 0 is never. */
  readonly filter: number;
}

/** In real time a headline counts this long after it was stored: whoever repeats the session finds the same file, ms. */
const SETTLED_MS = 60_000;

/** What of a market the news adds to. */
interface Told {
  readonly notes: readonly string[];
  hash(): Promise<string>;
}

/** The market with the news of `--news`; without it, the market as it is. */
export async function withNews<M extends Told>(
  market: M,
  request: RunRequest,
  { settings }: LoadedSettings,
): Promise<M & { readonly news?: SessionNews }> {
  const path = request.news;
  if (path === undefined) return market;
  const { openNews } = await import('../../../feeds/news/open-news.js');
  const { headlines, hash } = await openNews(path);
  const { scorer, halfLifeMs, filter } = settings.news;
  const isHistory = request.mode === 'backtest' || request.data.length > 0;
  const book = new SentimentBook(isHistory ? headlines : headlines.map(asStored), scorer);
  const repeats = book.repeats === 0 ? '' : `, ${book.repeats} repeats left out`;
  return {
    ...market,
    news: { book, halfLifeMs, filter },
    notes: [...market.notes, `${path}: ${book.headlines} headlines${repeats}, scored by ${scorer}`],
    hash: async () =>
      createHash('sha256')
        .update(`${await market.hash()}\n${hash}`)
        .digest('hex'),
  };
}

const asStored = (one: Headline): Headline => ({ ...one, knownAt: Math.max(one.knownAt, one.receivedAt + SETTLED_MS) });

/** Refuses a run that would decide on news that it does not have. */
export function requireNews({ name, needsNews }: AnyStrategy, request: RunRequest, { settings }: LoadedSettings): void {
  if (request.news !== undefined) return;
  const { filter } = settings.news;
  const isLive = request.mode === 'live';
  const give = 'pull headlines (fxtrade data pull rss --url …) and give them: --news NAME';
  if (needsNews === true) {
    throw new FxError('USAGE.MISSING_NEWS', {
      message: `${name} decides on headlines, and there are none: --news is not given`,
      next: isLive ? 'run it with backtest or paper: live does not read headlines' : give,
      facts: { strategy: name },
    });
  }
  if (filter > 0) {
    throw new FxError('USAGE.MISSING_NEWS', {
      message: `news.filter is ${filter}, and there are no headlines: --news is not given`,
      next: `${isLive ? 'live does not read headlines' : give}; or switch the filter off: --set news.filter=0`,
      facts: { path: 'news.filter', value: filter },
    });
  }
}
