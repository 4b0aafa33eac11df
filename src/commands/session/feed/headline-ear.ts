import { join } from 'node:path';
import type { Rng } from '../../../core/base/rng.js';
import type { Stopwatch, Wait } from '../../../core/ports/clock.js';
import type { Heartbeat } from '../../../core/ports/venue.js';
import { appendLine } from '../../../core/state/atomic.js';
import { bookFolder } from '../../../core/state/books/book-path.js';
import { mendLines } from '../../../core/state/whole-lines.js';
import { follow } from '../../../feeds/live/connection.js';
import { newsLine } from '../../../feeds/news/news-file.js';
import type { PublishedHeadline } from '../../../feeds/news-sources.js';

/** One connection to a vendor that tells headlines as they are published. */
export type HeadlineStream = (signal: AbortSignal) => AsyncIterable<PublishedHeadline | Heartbeat>;

/** What listens, where it keeps what it hears, and whom it tells of trouble. */
export interface EarParts {
  readonly open: HeadlineStream;
  /** The file of `heardPath`. */
  readonly path: string;
  readonly wait: Wait;
  readonly stopwatch: Stopwatch;
  readonly rng: Rng;
  readonly signal: AbortSignal;
  note(text: string): void;
}

/** Where a book keeps the headlines that its session heard: a file of its own, under its lock, so that no pull writes it too. */
export function heardPath(home: string, book: string): string {
  return join(bookFolder(home, 'paper', book), 'headlines.news');
}

/**
 * Listens beside the session until it is over. A headline is stored before anybody can decide on it, and the session reads the
 * file; so a session that is repeated finds what this one knew. What was published during a cut is not heard: a pull has it.
 * Nothing that a vendor does ends the session.
 */
export function listenToHeadlines(parts: EarParts): { over(): Promise<void> } {
  const { open, path, wait, stopwatch, rng, signal, note } = parts;
  const ended = new AbortController();
  const until = AbortSignal.any([signal, ended.signal]);
  let isDown = false;
  mendLines(path);
  const listening = follow({
    open,
    opening: () => undefined,
    hear(said) {
      isDown = false;
      // What is about nothing that we know says nothing.
      if (said.kind === 'headline' && said.headline.subjects.length > 0) appendLine(path, newsLine(said.headline));
    },
    down(why) {
      if (!isDown) note(`no new headlines: ${why}; those that are stored count on`);
      isDown = true;
    },
    wait,
    stopwatch,
    rng,
    signal: until,
  });
  return {
    over() {
      ended.abort();
      return listening;
    },
  };
}
