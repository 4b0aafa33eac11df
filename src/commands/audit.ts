import { resolve } from 'node:path';
import { FxError } from '../core/base/errors.js';
import { oneLine } from '../core/base/text.js';
import { type BookPlace, findBooks, readJournal } from '../core/state/books/journal-reader.js';
import { EXPORT_COLUMNS, exportLine } from './audit/export.js';
import { type JournalRecord, type Story, storyOf } from './audit/story.js';
import { unknownAnchor, type VerifiedBook, verifyBook } from './audit/verify.js';
import { type CommandContext, type CommandResult, defineCommand, textFlag } from './runtime/command.js';
import type { Terminal } from './ui/terminal.js';

type AuditAnswer =
  | { readonly action: 'verify'; readonly books: readonly VerifiedBook[] }
  | {
      readonly action: 'export';
      readonly path: string;
      readonly format: 'csv' | 'ndjson';
      readonly records: number;
      readonly books: readonly string[];
    }
  | { readonly action: 'explain'; readonly id: string; readonly stories: readonly Story[] };

/** `audit verify|export|explain`: reads journals, takes no lock, changes none. */
export const command = defineCommand<AuditAnswer>({
  async run(ctx) {
    const [action, id] = ctx.args;
    const books = booksOf(ctx);
    if (action === 'export') return { data: await exported(ctx, books) };
    if (action === 'explain') return { data: explained(id ?? '', books) };
    return verified(ctx, books);
  },
  view(data, terminal) {
    if (data.action === 'verify') for (const book of data.books) showBook(book, terminal);
    else if (data.action === 'explain') for (const story of data.stories) showStory(story, terminal);
    else terminal.out(`${data.records} records of ${data.books.join(', ')} written to ${oneLine(data.path)}`);
  },
});

function booksOf(ctx: CommandContext): readonly BookPlace[] {
  const book = textFlag(ctx, 'book');
  const books = findBooks(ctx.home, book);
  if (books.length > 0) return books;
  const all = findBooks(ctx.home, undefined).map(({ name }) => name);
  const message = book === undefined ? `there is no book in ${ctx.home}` : `there is no book ${JSON.stringify(book)}`;
  const next = all.length === 0 ? 'begin one first: fxtrade paper' : `choose one of: ${all.join(', ')}`;
  throw new FxError('USAGE.NO_BOOK', { message, next, facts: { home: ctx.home, books: all } });
}

function verified(ctx: CommandContext, places: readonly BookPlace[]): CommandResult<AuditAnswer> {
  const anchor = textFlag(ctx, 'head');
  if (anchor !== undefined && !/^[0-9a-f]{64}$/.test(anchor)) {
    const next = 'give the 64 characters that audit verify printed as head';
    throw new FxError('USAGE.BAD_VALUE', { message: `--head is ${JSON.stringify(anchor)}, which is no hash`, next });
  }
  const books = places.map((place) => verifyBook(place, anchor));
  const intact = books.every((book) => book.intact);
  if (intact && anchor !== undefined && books.every((book) => book.anchor === null)) throw unknownAnchor(anchor, books);
  const exit = !intact ? 7 : books.every((book) => book.complete) ? 0 : 4;
  return { data: { action: 'verify', books }, exit };
}

async function exported(ctx: CommandContext, books: readonly BookPlace[]): Promise<AuditAnswer> {
  const out = textFlag(ctx, 'out');
  if (out === undefined || out === '') {
    const next = 'give --out PATH, for example --out audit.csv';
    throw new FxError('USAGE.MISSING_FLAG', { message: 'audit export needs --out', next, facts: { flag: '--out' } });
  }
  const format = textFlag(ctx, 'format') === 'csv' ? 'csv' : 'ndjson';
  const path = resolve(ctx.cwd, out);
  const { stageChunks } = await import('../core/state/write-chunks.js');
  let records = 0;
  async function* chunks(): AsyncIterable<Uint8Array> {
    if (format === 'csv') yield Buffer.from(`${EXPORT_COLUMNS.join(',')}\n`);
    for (const { name, folder } of books) {
      let lines: string[] = [];
      readJournal(folder, {
        onRecord: (text, seq, hash) => {
          lines[seq - 1] = exportLine(format, name, text.toString('utf8'), hash);
        },
      });
      records += lines.length;
      yield Buffer.from(lines.join(''));
      lines = [];
    }
  }
  const staged = await stageChunks(path, chunks());
  staged.commit();
  return { action: 'export', path, format, records, books: books.map(({ name }) => name) };
}

function explained(id: string, books: readonly BookPlace[]): AuditAnswer {
  const stories = books.flatMap(({ name, folder }) => {
    const records: JournalRecord[] = [];
    readJournal(folder, {
      onRecord: (text, seq) => {
        records[seq - 1] = JSON.parse(text.toString('utf8')) as JournalRecord;
      },
    });
    const story = storyOf(name, id, records);
    return story === undefined ? [] : [story];
  });
  if (stories.length > 0) return { action: 'explain', id, stories };
  const names = books.map(({ name }) => name).join(', ');
  throw new FxError('USAGE.UNKNOWN_ID', {
    message: `no record of ${names} has the id ${JSON.stringify(id)}`,
    next: 'give the orderId or clientId of a row of orders.csv, an execution id, or the number of a record',
    facts: { id, books: books.map(({ name }) => name) },
  });
}

function showBook(book: VerifiedBook, terminal: Terminal): void {
  const { bold, green, yellow, red } = terminal.style;
  const verdict = !book.intact
    ? red('DAMAGED')
    : book.complete
      ? green('intact')
      : yellow('intact, not provably complete');
  terminal.out(`${bold(oneLine(book.book))}: ${verdict}, ${book.records} whole records`);
  if (book.damage !== null) {
    terminal.out(`  ${oneLine(book.damage.message)}`);
    if (book.damage.repair !== null)
      terminal.out(`  to begin a new book, keeping this one: ${oneLine(book.damage.repair)}`);
    return;
  }
  for (const finding of book.findings) terminal.out(`  ${oneLine(finding)}`);
  if (book.anchor !== null) terminal.out(`  --head is record ${book.anchor}: nothing up to it was changed`);
  if (book.head !== null) terminal.out(`  head ${book.head}`);
}

function showStory({ book, orderId, clientId, lines }: Story, terminal: Terminal): void {
  const { bold, dim } = terminal.style;
  const what = orderId === null ? 'no order was sent' : `${oneLine(orderId)}, client id ${oneLine(clientId ?? 'none')}`;
  terminal.out(`${bold(oneLine(book))}: ${what}`);
  for (const { seq, time, text } of lines) terminal.out(`${dim(`${time} #${seq}`)} ${oneLine(text)}`);
}
