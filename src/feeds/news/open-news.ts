import type { Headline } from '../../core/sentiment/headline.js';
import { readWhole } from '../files/whole-file.js';
import { newsOf } from './news-file.js';

const ADVICE = {
  absent: 'check the path and its permissions; fxtrade data pull stores news under a name, data list shows it',
  binary: 'give a file of headlines, one JSON object a line; docs/sentiment.md describes it',
};

export interface OpenedNews {
  /** Ordered by when they were known. */
  readonly headlines: readonly Headline[];
  /** Sha256 (hex) of the file. */
  readonly hash: string;
}

/** Reads a file of headlines (or one packed with gzip) whole. Throws `DATA.*`. */
export async function openNews(path: string): Promise<OpenedNews> {
  const { text, hash } = await readWhole(path, ADVICE);
  return { headlines: newsOf(text, path), hash };
}
