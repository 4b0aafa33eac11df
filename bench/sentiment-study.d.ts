export interface SentimentStudyInput {
  readonly lexiconScore: (text: string, kind: 'currency' | 'ticker') => number | undefined;
  readonly wordsOf: (text: string) => readonly string[];
  /** The labelled headlines: `[{ id, title, sentiment }]`. */
  readonly file: string;
}
export const SENTIMENT_MARKERS: readonly [string, string];
export function headlinesFile(shared: string): string;
export function sentimentStudy(input: SentimentStudyInput): string;
