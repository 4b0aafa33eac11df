import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { FxError } from '../../../core/base/errors.js';
import type { Headline } from '../../../core/sentiment/headline.js';
import { SentimentBook } from '../../../core/sentiment/sentiment-book.js';
import { wholeLines } from '../../../core/state/whole-lines.js';
import type { AnyStrategy } from '../../../core/strategies/strategy.js';
import type { LoadedSettings } from '../../runtime/command.js';
import type { RunRequest } from './request.js';

/** What a session knows of the news, and how far it lets it overrule its strategy. */
export interface SessionNews {
  readonly book: SentimentBook;
  readonly halfLifeMs: number;
  /** Score against a wish from which it is overruled; 0 is never. */
  readonly filter: number;
  /** Reads the file again where it has changed since. Answers with what was wrong with it: then what was known stays. */
  refresh(): Promise<string | undefined>;
}

/** In real time a headline counts this long after it was stored: whoever repeats the session finds the same file, ms. */
const SETTLED_MS = 60_000;

/** A vendor's score that was read so long after the story may know what came of it, ms. */
const HINDSIGHT_MS = 24 * 3_600_000;

/** What of a market the news adds to. */
interface Told {
  readonly notes: readonly string[];
  hash(): Promise<string>;
}

/** The market with the news of `--news`, and those that its book heard by itself, in `heard`; without `--news`, the market as it is. */
export async function withNews<M extends Told>(
  market: M,
  request: RunRequest,
  { settings }: LoadedSettings,
  heard?: string,
): Promise<M & { readonly news?: SessionNews }> {
  const path = request.news;
  if (path === undefined) return market;
  const [{ openNews }, { newsOf }] = await Promise.all([
    import('../../../feeds/news/open-news.js'),
    import('../../../feeds/news/news-file.js'),
  ]);
  const { scorer, halfLifeMs, filter } = settings.news;
  const isHistory = request.mode === 'backtest' || request.data.length > 0;
  const mark = () => `${markOf(path)} ${heard === undefined ? '' : markOf(heard)}`;
  let seen = mark();
  const { headlines, hash } = await openNews(path);
  const bookOf = (pulled: readonly Headline[]) => {
    const list = heard === undefined ? pulled : [...pulled, ...newsOf(wholeLines(heard), heard)];
    return new SentimentBook(isHistory ? list : list.map(asStored), scorer);
  };
  let book = bookOf(headlines);
  const news: SessionNews = {
    get book() {
      return book;
    },
    halfLifeMs,
    filter,
    async refresh() {
      const now = mark();
      if (now === seen) return undefined;
      seen = now;
      try {
        book = bookOf((await openNews(path)).headlines);
        return undefined;
      } catch (error) {
        if (error instanceof FxError) return `the headlines of before stay: ${error.message}`;
        throw error;
      }
    },
  };
  const repeats = book.repeats === 0 ? '' : `, ${book.repeats} repeats left out`;
  return {
    ...market,
    news,
    notes: [
      ...market.notes,
      `${path}: ${book.headlines} headlines${repeats}, scored by ${scorer}`,
      ...(scorer === 'lexicon' ? [] : hindsight(path, headlines)),
    ],
    hash: async () =>
      createHash('sha256')
        .update(`${await market.hash()}\n${hash}`)
        .digest('hex'),
  };
}

/** Vendors score old stories with the models of today: whoever tests on such scores is told. */
function hindsight(path: string, headlines: readonly Headline[]): readonly string[] {
  const late = headlines.filter(({ knownAt, receivedAt, vendorScore, subjects }) => {
    const isScored = vendorScore !== undefined || subjects.some(({ score }) => score !== undefined);
    return isScored && receivedAt - knownAt > HINDSIGHT_MS;
  });
  if (late.length === 0) return [];
  const said = `${path}: ${late.length} scores of the vendor were read more than a day after their story`;
  return [`${said}: they may know more than the day did; --set news.scorer=lexicon does not use them`];
}

/** Changes with the file. */
function markOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? 'none' : `${stat.mtimeMs} ${stat.size} ${stat.ino}`;
}

const asStored = (one: Headline): Headline => ({ ...one, knownAt: Math.max(one.knownAt, one.receivedAt + SETTLED_MS) });

/** Refuses a run that would decide on news that it does not have. */
export function requireNews({ name, needsNews }: AnyStrategy, request: RunRequest, { settings }: LoadedSettings): void {
  if (request.news !== undefined) return;
  const { filter } = settings.news;
  const give = 'pull headlines (fxtrade data pull rss --url …) and give them: --news NAME';
  if (needsNews === true) {
    throw new FxError('USAGE.MISSING_NEWS', {
      message: `${name} decides on headlines, and there are none: --news is not given`,
      next: give,
      facts: { strategy: name },
    });
  }
  if (filter > 0) {
    throw new FxError('USAGE.MISSING_NEWS', {
      message: `news.filter is ${filter}, and there are no headlines: --news is not given`,
      next: `${give}; or switch the filter off: --set news.filter=0`,
      facts: { path: 'news.filter', value: filter },
    });
  }
}
