import { FxError } from '../../core/base/errors.js';
import type { EpochMs } from '../../core/model/ids.js';
import type { FeedCapabilities } from '../../feeds/capabilities.js';
import { feedOf } from '../../feeds/registry.js';
import { type CommandContext, listFlag, switchFlag, textFlag } from '../runtime/command.js';
import { feedSurroundings } from '../runtime/venues.js';
import { requireName } from '../stored/names.js';
import type { Spinner } from '../ui/terminal.js';
import { openPullDesk, type PullDesk, type PullRecord, readPullRecord, writePullRecord } from './pull-store.js';

/** What a person asked for. */
export interface PullRequest {
  readonly feed: string;
  /** Under which it is stored. */
  readonly name: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly series: readonly string[] | undefined;
  readonly daily: boolean;
  readonly instruments: readonly string[];
  /** Headlines are wanted, and those of `rss` from there. */
  readonly news: boolean;
  readonly urls: readonly string[];
  readonly timeframe: string | undefined;
  /** The name was given, not made. */
  readonly named: boolean;
}

/** What every kind of pull is given. */
export interface PullWork {
  readonly home: string;
  readonly request: PullRequest;
  readonly surroundings: Awaited<ReturnType<typeof feedSurroundings>>;
  readonly now: EpochMs;
  readonly before: PullRecord | undefined;
  readonly ctx: Pick<CommandContext, 'settings' | 'home' | 'cwd' | 'env' | 'clock' | 'signal'>;
  progress(text: string): void;
}

/** What a pull brought. */
export interface PullResult {
  /** Under which it is stored. */
  readonly name: string;
  readonly kind: 'prices' | 'rates' | 'news';
  readonly path: string;
  /** Currencies or instruments that are stored now, or that its headlines are about. */
  readonly holds: readonly string[];
  /** Values stored now, added by this pull, and revised by it. */
  readonly rows: number;
  readonly added: number;
  readonly revised: number;
  readonly from: string | null;
  readonly to: string | null;
  readonly clockOffsetMs: number | null;
  readonly notes: readonly string[];
  readonly record: Pick<PullRecord, 'fullAt' | 'open' | 'revisions'>;
}

export interface PullAnswer {
  readonly action: 'pull';
  readonly feed: string;
  /** When its values are of and known. */
  readonly alignment: string;
  /** Answers of an earlier try that were not asked for again. */
  readonly resumed: number;
  readonly pulled: readonly Omit<PullResult, 'record'>[];
}

/** A clock that is this far off makes the times at which values were first seen wrong. */
const SKEW_MS = 5_000;

/** `data pull NAME`: reads what is new at a vendor and stores it under a name. */
export async function pull(ctx: CommandContext): Promise<PullAnswer> {
  const feed = feedOf(ctx.args[1] ?? '');
  const request = requestOf(ctx, feed.name);
  const now = ctx.clock.now();
  const desk = await openPullDesk(ctx.home, request.name, request, now);
  const spinner = await ctx.terminal.spinner(`${feed.title}: asking`);
  try {
    const work = await workOf(ctx, request, desk, spinner, now);
    if (desk.resumed > 0) ctx.note(`${feed.title}: goes on with what an earlier try had read`);
    const results = await worked(kindOf(feed, request), work);
    for (const { name, record } of results) {
      const pulledAt = new Date(now).toISOString();
      writePullRecord(ctx.home, name, { version: 1, feed: feed.name, pulledAt, ...record });
    }
    desk.clear();
    const skew = results.at(-1)?.clockOffsetMs ?? null;
    if (skew !== null && Math.abs(skew) > SKEW_MS) {
      ctx.warn(
        `${feed.title}’s clock and this machine’s are ${Math.round(Math.abs(skew) / 1000)} s apart; check the clock`,
      );
    }
    const pulled = results.map(({ record, ...result }) => result);
    return { action: 'pull', feed: feed.name, alignment: feed.alignment, resumed: desk.resumed, pulled };
  } finally {
    spinner.stop();
    desk.release();
  }
}

/** What of a feed is wanted: its series where they are named, else what it usually gives. */
function kindOf(
  { holds, title }: FeedCapabilities,
  { series, instruments, news }: PullRequest,
): FeedCapabilities['holds'][number] {
  const [usual = 'rates'] = holds;
  const wanted = news ? 'news' : series === undefined ? usual : 'rates';
  const fits = holds.includes(wanted) && (wanted === 'bars' || wanted === 'news' || instruments.length === 0);
  if (fits) return wanted;
  throw new FxError('USAGE.CONFLICT', {
    message: `${title} has no ${news ? 'news' : series === undefined ? 'bars of instruments' : 'series'} to pull`,
    next: 'leave the flag out; docs/feeds.md says what each feed has',
    facts: { feed: title },
  });
}

async function worked(kind: FeedCapabilities['holds'][number], work: PullWork): Promise<readonly PullResult[]> {
  if (kind === 'fixings') return [await (await import('./pull-fixings.js')).pullFixings(work)];
  if (kind === 'rates') return [await (await import('./pull-rates.js')).pullRates(work)];
  if (kind === 'news') return [await (await import('./pull-news.js')).pullNews(work)];
  return (await import('./pull-bars.js')).pullBars(work);
}

async function workOf(
  ctx: CommandContext,
  request: PullRequest,
  desk: PullDesk,
  spinner: Spinner,
  now: EpochMs,
): Promise<PullWork> {
  return {
    home: ctx.home,
    request,
    now,
    ctx,
    surroundings: await feedSurroundings(ctx, desk.pages),
    before: readPullRecord(ctx.home, request.name),
    progress(text) {
      spinner.update(text);
      if (ctx.verbose) ctx.note(text);
    },
  };
}

function requestOf(ctx: CommandContext, feed: string): PullRequest {
  const timeframe = textFlag(ctx, 'timeframe');
  const daily = timeframe === '1d';
  if (feed === 'bis' && timeframe !== undefined && !daily) {
    throw new FxError('USAGE.BAD_VALUE', {
      message: `--timeframe ${timeframe}: the BIS has policy rates by the month (the default) and by the day (1d)`,
      next: 'leave --timeframe out, or give --timeframe 1d',
      facts: { timeframe },
    });
  }
  const series = listFlag(ctx, 'series').map((one) => one.toUpperCase());
  const { news, urls } = newsOf(ctx, feed);
  const usual = feed === 'bis' && daily ? 'bis-daily' : news && feed !== 'rss' ? `${feed}-news` : feed;
  const name = requireName(textFlag(ctx, 'as') ?? usual);
  const [from, to] = [textFlag(ctx, 'from'), textFlag(ctx, 'to')];
  if (from !== undefined && to !== undefined && from >= to) {
    throw new FxError('USAGE.BAD_VALUE', {
      message: `--from ${from} is not before --to ${to}`,
      next: 'give a first day and the day after the last',
      facts: { from, to },
    });
  }
  return {
    feed,
    name,
    from,
    to,
    daily,
    series: series.length === 0 ? undefined : series,
    instruments: listFlag(ctx, 'instruments'),
    news,
    urls,
    timeframe,
    named: textFlag(ctx, 'as') !== undefined,
  };
}

/** Whether headlines are wanted, and from where: `rss` has nothing else, and is wherever `--url` says. */
function newsOf(ctx: CommandContext, feed: string): { readonly news: boolean; readonly urls: readonly string[] } {
  const isRss = feed === 'rss';
  const urls = [...new Set(listFlag(ctx, 'url'))];
  const news = isRss || switchFlag(ctx, 'news');
  const clash = (message: string, next: string) => new FxError('USAGE.CONFLICT', { message, next, facts: { feed } });
  if (isRss && urls.length === 0) {
    throw new FxError('USAGE.MISSING_VALUE', {
      message: 'data pull rss needs --url, the address of a feed',
      next: 'for example: fxtrade data pull rss --url https://www.ecb.europa.eu/rss/press.html',
    });
  }
  if (!isRss && urls.length > 0) throw clash(`--url is for rss, not for ${feed}`, 'leave --url out');
  if (!news) return { news, urls };
  const wrong = ['series', 'timeframe', ...(isRss ? ['instruments'] : [])].find((name) => given(ctx, name));
  if (wrong !== undefined) throw clash(`headlines have no --${wrong}`, `leave --${wrong} out`);
  return { news, urls };
}

const given = (ctx: CommandContext, name: string): boolean =>
  name === 'timeframe' ? textFlag(ctx, name) !== undefined : listFlag(ctx, name).length > 0;
