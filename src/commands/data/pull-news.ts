import { existsSync, readFileSync } from 'node:fs';
import { FxError } from '../../core/base/errors.js';
import type { EpochMs } from '../../core/model/ids.js';
import type { Headline } from '../../core/sentiment/headline.js';
import { replaceFile } from '../../core/state/atomic.js';
import { ensureDir } from '../../core/state/write.js';
import { mergeNews, type NewsTimes } from '../../feeds/news/merge-news.js';
import type { NewsFeed } from '../../feeds/news/news-feed.js';
import { newsOf, newsText } from '../../feeds/news/news-file.js';
import { openNewsFeed } from '../../feeds/news-sources.js';
import { storedFolder, storedPath } from '../stored/names.js';
import type { PullResult, PullWork } from './pull.js';

const DAY_MS = 86_400_000;
/** How far back the first pull of a source with a history reads, ms. */
const FIRST_MS = 30 * DAY_MS;
/** Read again every time: what is published is revised, and some of it comes late. */
const OVERLAP_MS = DAY_MS;
/** Subjects that are listed by name. */
const LISTED = 40;

/** Reads headlines from where the last pull ended, one source after the other, and stores them together. */
export async function pullNews(work: PullWork): Promise<PullResult> {
  const { home, request, now, before } = work;
  const path = storedPath(home, request.name, 'news');
  const stored = existsSync(path) ? newsOf(readFileSync(path, 'utf8'), path) : [];
  const { merged, offset, failures } = await readSources(work, stored);
  const { added, revised } = merged;
  const headlines = received(merged.headlines, now, work.ctx.clock.now());
  ensureDir(storedFolder(home));
  replaceFile(path, newsText(headlines));
  const times = headlines.map(({ publishedAt }) => publishedAt);
  const iso = (ts: number): string | null => (times.length === 0 ? null : new Date(ts).toISOString());
  return {
    name: request.name,
    kind: 'news',
    path,
    holds: subjectsOf(headlines),
    rows: headlines.length,
    added,
    revised,
    from: iso(times.reduce((a, b) => Math.min(a, b), Infinity)),
    to: iso(times.reduce((a, b) => Math.max(a, b), 0)),
    clockOffsetMs: offset,
    notes: [
      ...failures.map(({ message }) => `not read: ${message}`),
      ...(headlines.length === 0 ? ['there was no headline'] : []),
    ],
    record: {
      fullAt: before === undefined || request.from !== undefined ? new Date(now).toISOString() : before.fullAt,
      open: request.to === undefined,
      revisions: [],
    },
  };
}

/** Each source once, merged into what is stored. */
async function readSources(work: PullWork, stored: readonly Headline[]) {
  const { request } = work;
  let merged = { headlines: stored, added: 0, revised: 0 };
  let offset: number | null = null;
  const failures: FxError[] = [];
  const urls = request.feed === 'rss' ? request.urls : [undefined];
  for (const [i, url] of urls.entries()) {
    const feed = await openNewsFeed(request.feed, { instruments: request.instruments, url }, work.surroundings);
    const sources = urls.length > 1 ? `, ${i + 1} of ${urls.length}` : '';
    try {
      const fresh = await readAll(feed, work, sources);
      const more = mergeNews(merged.headlines, fresh, timesOf(work, feed, stored, fresh));
      merged = { ...more, added: merged.added + more.added, revised: merged.revised + more.revised };
      offset = feed.clockOffsetMs ?? offset;
    } catch (error) {
      // Of several addresses one that is gone must not keep the others from being read.
      if (!(error instanceof FxError) || work.ctx.signal.aborted || failures.push(error) === urls.length) throw error;
    } finally {
      feed.close();
    }
  }
  return { merged, offset, failures };
}

/** Whoever waits for headlines counts from when they could be read, not from when they were asked for. */
function received(headlines: readonly Headline[], asked: EpochMs, receivedAt: EpochMs): readonly Headline[] {
  return headlines.map((one) => (one.receivedAt < asked ? one : { ...one, receivedAt }));
}

async function readAll(feed: NewsFeed, work: PullWork, sources: string): Promise<readonly Headline[]> {
  const { request, now, before } = work;
  // From a whole day, so that a pull that goes on after an interruption asks what it asked before.
  const usual =
    before === undefined ? Math.floor(now / DAY_MS) * DAY_MS - FIRST_MS : Date.parse(before.pulledAt) - OVERLAP_MS;
  // A source that has only its newest entries gives them whole, however old they are.
  const from = request.from === undefined ? (feed.hasHistory ? usual : 0) : Date.parse(request.from);
  const until = request.to === undefined ? now : Math.min(now, Date.parse(request.to) - 1);
  const found: Headline[] = [];
  for await (const page of feed.read(from, until)) {
    found.push(...page);
    work.progress(`${request.feed}: ${found.length} headlines${sources}`);
  }
  return found;
}

/**
 * What a source did not have when it was last asked tells that it came late, but only of what it was asked for then: with
 * dates of one's own, and of a source that is new under this name, nothing is told.
 */
function timesOf(
  { request, now, before }: PullWork,
  feed: NewsFeed,
  stored: readonly Headline[],
  fresh: readonly Headline[],
): NewsTimes {
  const seenAt: EpochMs = now;
  const sources = new Set(fresh.map(({ source }) => source));
  const isKnown = feed.hasHistory || stored.some(({ source }) => sources.has(source));
  const asked = before?.open === true && request.from === undefined && isKnown;
  return { seenAt, lastSeenAt: asked ? Date.parse(before.pulledAt) : undefined };
}

function subjectsOf(headlines: readonly Headline[]): readonly string[] {
  const codes = new Set(headlines.flatMap(({ subjects }) => subjects.map(({ code }) => code)));
  const sorted = [...codes].sort();
  return sorted.length <= LISTED ? sorted : [...sorted.slice(0, LISTED), `and ${sorted.length - LISTED} more`];
}
