import type { EpochMs } from '../../../core/model/ids.js';
import { type Binding, readBinding } from '../../../core/state/books/book-folder.js';
import { bookFolder } from '../../../core/state/books/book-path.js';
import type { SessionHost } from '../backtest.js';
import { Book } from '../book.js';
import { paperTrader, requireNotHalted } from '../halts.js';
import { WARM_UP_MS } from '../inputs/market.js';
import { configHashOf, type Prepared, prepare } from '../inputs/prepare.js';
import type { RunRequest } from '../inputs/request.js';
import { bookOutput } from '../run-output.js';
import { bindingOf } from './binding.js';
import { Latches } from './latches.js';
import { RecordedHalts } from './recorded-halts.js';
import { lastClose, type RealtimeEnd, type RealtimeOptions, type Saved, Session } from './session.js';

/** A paper session on the newest prices, with the clock. */
export async function realtime(request: RunRequest, options: RealtimeOptions, host: SessionHost): Promise<RealtimeEnd> {
  const { clock } = options;
  const bound = readBinding(bookFolder(request.home, 'paper', options.book));
  // A book remembers when it began: before that, bars only warm up.
  const begun = bound?.kind === 'realtime' ? Number(bound.arguments['begun']) : clock.now();
  const prepared = await prepare({ ...request, from: request.from ?? begun, to: clock.now() }, host.settings);
  for (const note of prepared.market.notes) host.note(note);
  const { market, definition } = prepared;
  requireNotHalted(request.home, paperTrader(definition.name), market.instruments.slice(0, market.tradedCount));
  const { book, session } = await openSession(prepared, bindingOf(prepared, begun), options, host);
  try {
    const end = await session.play();
    return { ...end, record: await bookOutput(book, end.record, request.out, true) };
  } finally {
    book.close();
  }
}

/** Opens the book of a real-time session, bound as given, where it was left. Who opens it closes it. */
export async function openSession(
  prepared: Prepared,
  binding: Binding,
  options: RealtimeOptions,
  host: SessionHost,
): Promise<{ readonly book: Book; readonly session: Session }> {
  const { request, definition, market } = prepared;
  const begun: EpochMs = Number(binding.arguments['begun']);
  const trader = paperTrader(definition.name);
  const first = await lastClose(prepared, begun - WARM_UP_MS, begun, host.signal);
  // Every start has another end: the id of the run must not follow it.
  const configHash = configHashOf({ ...prepared, request: { ...request, from: begun, to: undefined } });
  const plan = { ...prepared, configHash, request: { ...request, from: first } };
  const halts = new RecordedHalts(request.home, trader, options.clock);
  const book = await Book.open(plan, options, binding, halts.stateOf, host.heartbeat);
  try {
    const instruments = market.instruments.slice(0, market.tradedCount);
    const context = { home: request.home, book: options.book, trader, instruments };
    const latches = new Latches(context, (book.extra as Saved | null | undefined)?.latched ?? []);
    return { book, session: new Session({ prepared: plan, book, options, host, first, halts, latches }) };
  } catch (error) {
    book.close();
    throw error;
  }
}
