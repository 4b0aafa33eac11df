import { join } from 'node:path';
import type { ApprovalDecision } from '../../approvals/decision.js';
import { type ApprovalRequest, isSealed } from '../../approvals/request.js';
import { jsonText } from '../../base/text.js';
import type { EpochMs } from '../../model/ids.js';
import { createWhole, replaceFile } from '../atomic.js';
import { removeStaleFiles } from '../books/stale-files.js';
import { diskError } from '../disk-error.js';
import { type FileCalls, REAL_FILES } from '../file-calls.js';
import { ensureDir } from '../write.js';
import { readMail } from './mail.js';
import { parseDecision, parsePrices, parseRequest, type SeenPrices } from './shapes.js';

/** What lies in the place of an answer. */
export type FoundDecision =
  | { readonly kind: 'none' }
  | { readonly kind: 'decision'; readonly decision: ApprovalDecision }
  /** Not ended with a line end: its writer may still be at it. */
  | { readonly kind: 'unfinished' }
  | { readonly kind: 'bad'; readonly why: string };

/** A question that waits, or one whose file cannot be trusted. */
export type FoundRequest =
  | { readonly id: string; readonly request: ApprovalRequest }
  | { readonly id: string; readonly why: string };

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const REQUEST = /^([A-Za-z0-9][A-Za-z0-9-]*)\.json$/;
const PRICES = 'prices.json';

/**
 * `approvals/` of a book, where a session and the people it asks leave mail for each other. The session writes questions, a
 * person's process writes the answer, and the session the answer of a deadline: whoever makes the file of the answer first has
 * decided. The journal is the session's alone; it records what it finds here.
 */
export class Inbox {
  readonly folder: string;
  readonly #fs: FileCalls;

  constructor(book: string, fs: FileCalls = REAL_FILES) {
    this.folder = join(book, 'approvals');
    this.#fs = fs;
  }

  ask(request: ApprovalRequest): void {
    ensureDir(this.folder, this.#fs);
    replaceFile(this.#path(`${request.id}.json`), text(request), this.#fs);
  }

  /** Every question here, answered ones too, in the order in which they were asked. */
  requests(): readonly FoundRequest[] {
    const found = this.#names().flatMap((name): FoundRequest[] => {
      const id = REQUEST.exec(name)?.[1];
      if (id === undefined || name === PRICES) return [];
      const one = this.request(id);
      return one === undefined ? [] : [one];
    });
    return found.sort((a, b) => askedAt(a) - askedAt(b) || numberOf(a.id) - numberOf(b.id));
  }

  request(id: string): FoundRequest | undefined {
    if (!ID.test(id)) return undefined;
    const mail = readMail(this.#path(`${id}.json`), this.#fs);
    if (mail.kind === 'none') return undefined;
    if (mail.kind === 'bad') return { id, why: mail.why };
    const request = parseRequest(mail.text);
    if (request === undefined) return { id, why: 'it is no question of this program' };
    if (request.id !== id || !isSealed(request)) return { id, why: 'it was changed after it was asked' };
    return { id, request };
  }

  /** Answers a question; false when there is an answer already. On disk, with its folder, on return. */
  decide(decision: ApprovalDecision): boolean {
    return createWhole(this.#answer(decision.id), text(decision), this.#fs);
  }

  decision(id: string): FoundDecision {
    const mail = readMail(this.#answer(id), this.#fs);
    if (mail.kind !== 'text') return mail;
    if (!mail.text.endsWith('\n')) return { kind: 'unfinished' };
    const decision = parseDecision(mail.text);
    return decision === undefined
      ? { kind: 'bad', why: 'it is no answer of this program' }
      : { kind: 'decision', decision };
  }

  /** Takes what is no answer out of the way of one, and keeps it. */
  setAside(id: string, at: EpochMs): void {
    const path = this.#answer(id);
    try {
      this.#fs.renameSync(path, this.#path(`${id}.refused-${at.toString(36)}`));
    } catch (error) {
      throw diskError(error, 'could not set aside', path);
    }
  }

  showPrices(at: EpochMs, prices: Readonly<Record<string, number>>): void {
    ensureDir(this.folder, this.#fs);
    replaceFile(this.#path(PRICES), text({ version: 1, at, prices }), this.#fs);
  }

  prices(): SeenPrices | undefined {
    const mail = readMail(this.#path(PRICES), this.#fs);
    return mail.kind === 'text' ? parsePrices(mail.text) : undefined;
  }

  /** Removes answered questions from before `limit`: the journal has them. Only under the book's lock. */
  tidy(limit: EpochMs, waiting: ReadonlySet<string>): void {
    if (this.#names().length === 0) return;
    removeStaleFiles(this.folder, this.#fs);
    for (const found of this.requests()) {
      if (!('request' in found) || found.request.expiresAt >= limit || waiting.has(found.id)) continue;
      try {
        for (const path of [this.#path(`${found.id}.json`), this.#answer(found.id)]) this.#fs.unlinkSync(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
          throw diskError(error, 'could not tidy up', this.folder);
      }
    }
  }

  #names(): readonly string[] {
    try {
      return this.#fs.readdirSync(this.folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw diskError(error, 'could not read', this.folder);
    }
  }

  #answer(id: string): string {
    return this.#path(`${id}.decision.json`);
  }

  #path(name: string): string {
    return join(this.folder, name);
  }
}

function text(value: object): string {
  return `${jsonText(value)}\n`;
}

function askedAt(found: FoundRequest): number {
  return 'request' in found ? found.request.askedAt : 0;
}

function numberOf(id: string): number {
  return Number(/\d+$/.exec(id)?.[0] ?? 0);
}
