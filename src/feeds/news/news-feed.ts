import type { EpochMs } from '../../core/model/ids.js';
import type { Headline } from '../../core/sentiment/headline.js';

/** A source of headlines. */
export interface NewsFeed {
  /** Headlines published from one moment to another, in pages, oldest first where the source can. Throws `FEED.*`. */
  read(from: EpochMs, until: EpochMs): AsyncIterable<readonly Headline[]>;
  /** False where it only has its newest ones, whatever is asked for. */
  readonly hasHistory: boolean;
  /** Their time minus ours, ms; undefined before the first answer. */
  readonly clockOffsetMs: number | undefined;
  close(): void;
}
