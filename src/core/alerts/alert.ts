import { oneLine } from '../base/text.js';
import type { EpochMs } from '../model/ids.js';
import { type AlertKind, factsOf, type Severity } from './kinds.js';

/** One thing that people are told. Plain data, clean of whatever a terminal or a mail program would act on. */
export interface Alert {
  /** `kind:subject:time`, so that the same event makes the same id wherever it is seen. */
  readonly id: string;
  readonly ts: EpochMs;
  readonly kind: AlertKind;
  readonly severity: Severity;
  /** What it is about: an instrument, an order, a limit. With source and kind it says what counts as the same news. */
  readonly subject: string;
  /** Who says it: `paper default`, `live 101-001`, `halt`. */
  readonly source: string;
  readonly text: string;
  /** The command to run next. */
  readonly next: string;
}

/** What an alert is made of; text may come from outside as it is. */
export interface News {
  readonly ts: EpochMs;
  readonly kind: AlertKind;
  readonly subject?: string;
  readonly source: string;
  readonly text: string;
  readonly next?: string;
  readonly severity?: Severity;
}

/** No field of an alert is longer, characters: a broker that answers with a page must not fill a phone. */
const LONGEST = 300;
/** Marks without width: they hide inside words, and no message needs one. */
const NO_WIDTH = /\p{Default_Ignorable_Code_Point}/gu;

/** Outside text on one line, without marks that hide or reorder it, cut to a length. */
export function plain(text: string, longest = LONGEST): string {
  const clean = oneLine(text.slice(0, longest * 4))
    .replace(NO_WIDTH, '')
    .trim();
  const letters = [...clean];
  return letters.length > longest ? `${letters.slice(0, longest - 1).join('')}…` : clean;
}

/** The alert of a piece of news. Everything in it is cleaned here and nowhere else. */
export function alertOf({ ts, kind, subject = '', source, text, next, severity }: News): Alert {
  const facts = factsOf(kind);
  const about = plain(subject, 80);
  const from = plain(source, 80);
  const [mode = '', book = ''] = from.split(' ');
  const flag = (mode === 'paper' || mode === 'live') && book !== '' ? ` --book ${book}` : '';
  return {
    id: `${kind}:${about}:${ts.toString(36)}`,
    ts,
    kind,
    severity: severity ?? facts.severity,
    subject: about,
    source: from,
    text: plain(text),
    next: plain(next ?? facts.next.replace('{book}', flag)),
  };
}

/** Two alerts with the same key are the same news. */
export function newsKey({ source, kind, subject }: Alert): string {
  return JSON.stringify([source, kind, subject]);
}

/** The key of the state that this alert ends; undefined when it ends none. */
export function endedKey({ source, kind, subject }: Alert): string | undefined {
  const { endedBy } = factsOf(kind);
  return endedBy === undefined ? undefined : JSON.stringify([source, endedBy, subject]);
}
