import { FxError } from '../../core/base/errors.js';
import { jsonText } from '../../core/base/text.js';
import { byKnowledge, type Headline, type HeadlineSubject } from '../../core/sentiment/headline.js';
import { taggedSubjects } from '../../core/sentiment/tagging.js';
import { plainName, plainText } from './plain-text.js';

/** First line of a file that the program wrote. */
const HEADER = { format: 'fxtrade-news', version: 1 };

/** Longest name of an item, characters: it is often its address. */
export const LONGEST_ID = 300;
export const LONGEST_SOURCE = 60;

/** Headlines as text, one JSON object a line below the header, ordered by when they were known. */
export function newsText(headlines: readonly Headline[]): string {
  const lines = [...headlines].sort(byKnowledge).map(newsLine);
  return `${[JSON.stringify(HEADER), ...lines].join('\n')}\n`;
}

/** One headline as a line of such a file, without its end. */
export function newsLine(one: Headline): string {
  const iso = (ts: number): string => new Date(ts).toISOString();
  return jsonText({
    known: iso(one.knownAt),
    published: iso(one.publishedAt),
    received: iso(one.receivedAt),
    source: one.source,
    id: one.id,
    text: one.text,
    ...(one.vendorScore === undefined ? {} : { score: one.vendorScore }),
    about: one.subjects,
  });
}

/**
 * The headlines of such a file, ordered by when they were known. Of a line that people wrote only `published` and `text` are
 * needed: `known` and `received` are then `published`, and what it is about is told from the words. A line that is none is
 * an error that names it: a headline that was left out in silence would change what a run decides.
 */
export function newsOf(text: string, path: string): readonly Headline[] {
  const headlines: Headline[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    const trimmed = line.trim();
    if (trimmed === '') continue;
    const value = objectOf(trimmed);
    if (i === 0 && value !== undefined && 'format' in value) {
      checkHeader(value, path);
      continue;
    }
    const read = value === undefined ? 'it is no JSON object' : headlineOf(value, i + 1);
    if (typeof read === 'string') throw damaged(path, i + 1, read);
    headlines.push(read);
  }
  return headlines.sort(byKnowledge);
}

type Fields = Readonly<Record<string, unknown>>;

function objectOf(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function checkHeader(header: Fields, path: string): void {
  if (header['format'] === HEADER.format && header['version'] === HEADER.version) return;
  throw new FxError('DATA.FORMAT', {
    message: `${path}: its first line says format ${JSON.stringify(header['format'])}, version ${JSON.stringify(header['version'])}; news files are ${HEADER.format}, version ${HEADER.version}`,
    next: 'pull it again with this version of the program; docs/sentiment.md describes the file',
    facts: { file: path },
  });
}

/** The headline, or what is wrong. */
function headlineOf(fields: Fields, line: number): Headline | string {
  const publishedAt = instantOf(fields['published']);
  if (publishedAt === undefined) return 'published is no time such as 2024-01-31T13:30:00Z';
  const knownAt = instantOf(fields['known'] ?? fields['published']);
  if (knownAt === undefined) return 'known is no time such as 2024-01-31T13:30:00Z';
  if (knownAt < publishedAt) return 'known is before published';
  const receivedAt = instantOf(fields['received'] ?? fields['known'] ?? fields['published']);
  if (receivedAt === undefined) return 'received is no time such as 2024-01-31T13:30:00Z';
  if (typeof fields['text'] !== 'string') return 'text is missing';
  const text = plainText(fields['text']);
  if (text === '') return 'text is empty';
  const score = fields['score'];
  if (score !== undefined && !isScore(score)) return 'score is no number from -1 to 1';
  const subjects = fields['about'] === undefined ? taggedSubjects(text) : subjectsIn(fields['about']);
  if (typeof subjects === 'string') return subjects;
  return {
    id: textOf(fields['id'], LONGEST_ID) ?? `line-${line}`,
    publishedAt,
    knownAt,
    receivedAt,
    source: textOf(fields['source'], LONGEST_SOURCE) ?? 'file',
    text,
    subjects,
    ...(score === undefined ? {} : { vendorScore: score }),
  };
}

function textOf(value: unknown, longest: number): string | undefined {
  if (typeof value !== 'string') return undefined;
  const name = plainName(value, longest);
  return name === '' ? undefined : name;
}

/** ISO 8601 with its zone: a time of nowhere would be another moment on every machine. */
function instantOf(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/.test(value)) return undefined;
  const ts = Date.parse(value);
  return Number.isFinite(ts) ? ts : undefined;
}

const isScore = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= 1;

function subjectsIn(value: unknown): readonly HeadlineSubject[] | string {
  if (!Array.isArray(value)) return 'about is no list';
  const subjects: HeadlineSubject[] = [];
  for (const one of value) {
    const subject = isObject(one) ? subjectIn(one) : undefined;
    if (subject === undefined) {
      return 'about wants {"kind":"currency" or "ticker","code":…,"direction":1 or -1,"relevance":0…1,"score":-1…1}';
    }
    subjects.push(subject);
  }
  return subjects;
}

function subjectIn({ kind, code, direction = 1, relevance = 1, score }: Fields): HeadlineSubject | undefined {
  if (kind !== 'currency' && kind !== 'ticker') return undefined;
  if (typeof code !== 'string' || !/^[A-Z0-9.]{1,12}$/.test(code)) return undefined;
  if (direction !== 1 && direction !== -1) return undefined;
  if (!isScore(relevance) || relevance <= 0) return undefined;
  if (score !== undefined && !isScore(score)) return undefined;
  return { kind, code, direction, relevance, ...(score === undefined ? {} : { score }) };
}

function damaged(path: string, line: number, why: string): FxError {
  return new FxError('DATA.BAD_ROWS', {
    message: `${path}:${line}: this is no headline: ${why}`,
    next: 'correct or remove the line; docs/sentiment.md describes the file',
    facts: { file: path, line },
  });
}
