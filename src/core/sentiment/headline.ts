import type { EpochMs } from '../model/ids.js';

/** What a headline is about: a currency or coin (`EUR`, `BTC`), or a paper (`AAPL`). */
export interface HeadlineSubject {
  readonly kind: 'currency' | 'ticker';
  readonly code: string;
  /** −1 where good news for the story is bad for this one: the dollar in "euro climbs against the dollar". */
  readonly direction: 1 | -1;
  /** Share of the story that is about it, above 0 and at most 1. */
  readonly relevance: number;
  /** The vendor's own score for this subject, −1 … 1; absent where it gives none. */
  readonly score?: number;
}

/** One headline, as a source published it. */
export interface Headline {
  /** The source's own name for it; with `source` it is one of a kind. */
  readonly id: string;
  /** When it was published, as the source says. */
  readonly publishedAt: EpochMs;
  /** When this wording was public: later than `publishedAt` where it was revised, never before it. Nobody sees it earlier. */
  readonly knownAt: EpochMs;
  /** When this computer had it; says nothing of when the world did. */
  readonly receivedAt: EpochMs;
  readonly source: string;
  /** One line of plain text without anything a terminal would act on. */
  readonly text: string;
  readonly subjects: readonly HeadlineSubject[];
  /** The vendor's score of the whole story, −1 … 1; absent where it gives none. */
  readonly vendorScore?: number;
}

/** By the moment it was known, then by source and id: one order, whatever the order of the files. */
export function byKnowledge(a: Headline, b: Headline): number {
  return a.knownAt - b.knownAt || textOrder(a.source, b.source) || textOrder(a.id, b.id) || textOrder(a.text, b.text);
}

/** By code units: the same on every machine, whatever its language. */
function textOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
