import { TextDecoder } from 'node:util';
import type { EpochMs } from '../../core/model/ids.js';
import type { Headline } from '../../core/sentiment/headline.js';
import { taggedSubjects } from '../../core/sentiment/tagging.js';
import { VendorClient, type VendorParts } from '../network/client.js';
import { feedTime } from './feed-time.js';
import type { NewsFeed } from './news-feed.js';
import { LONGEST_ID, LONGEST_SOURCE } from './news-file.js';
import { plainName, plainText } from './plain-text.js';
import { type FeedItem, feedItems } from './syndication.js';

/** Longest feed that is read, bytes: the largest that people publish are a tenth of it. */
const LONGEST_FEED = 5 * 1024 * 1024;

const ACCEPT = 'application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.8';

/** One RSS or Atom feed at an address; `parts.host` is its origin. It has only its newest entries. */
export function rssFeed(parts: VendorParts, url: URL): NewsFeed {
  const client = new VendorClient(`the feed of ${url.host}`, parts);
  const source = plainName(url.host, LONGEST_SOURCE);
  return {
    hasHistory: false,
    get clockOffsetMs() {
      return client.clockOffsetMs;
    },
    async *read(from, until) {
      const what = 'its entries';
      const ask = { path: `${url.pathname}${url.search}`, what, headers: { accept: ACCEPT }, binary: true } as const;
      const bytes = Buffer.from(await client.text(ask), 'latin1');
      if (bytes.length > LONGEST_FEED) throw client.malformed(what, `it has more than ${LONGEST_FEED} bytes`);
      const items = feedItems(decoded(bytes));
      if (items === undefined) throw client.malformed(what, 'it is neither RSS nor Atom');
      const now = parts.clock.now();
      const found = items.flatMap((item) => headlineOf(item, source, now));
      yield found.filter(({ publishedAt }) => publishedAt >= from && publishedAt <= until);
    },
    close: () => undefined,
  };
}

/** As its first line says, else UTF-8. */
function decoded(bytes: Buffer): string {
  const head = bytes.subarray(0, 200).toString('latin1');
  const named = /^(?:\xef\xbb\xbf)?\s*<\?xml[^>]{0,100}encoding=["']([A-Za-z0-9._-]{1,20})["']/.exec(head)?.[1];
  const wide =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : undefined;
  return decoderOf(wide ?? named ?? 'utf-8').decode(bytes);
}

function decoderOf(name: string): TextDecoder {
  try {
    return new TextDecoder(name);
  } catch {
    return new TextDecoder('utf-8');
  }
}

/** An entry without an exact time, or with one that is not yet, counts as published when it was first seen. */
function headlineOf({ id, title, published, updated }: FeedItem, source: string, now: EpochMs): readonly Headline[] {
  const text = plainText(title ?? '');
  if (text === '') return [];
  const said = feedTime(published ?? updated ?? '');
  const publishedAt = said === undefined || said > now ? now : said;
  const revisedAt = feedTime(updated ?? '') ?? publishedAt;
  return [
    {
      id: plainName(id ?? '', LONGEST_ID) || text.slice(0, LONGEST_ID),
      publishedAt,
      knownAt: Math.max(publishedAt, Math.min(revisedAt, now)),
      receivedAt: now,
      source,
      text,
      subjects: taggedSubjects(text),
    },
  ];
}
