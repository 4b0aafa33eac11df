import { FxError } from '../../base/errors.js';
import type { ClientId, EpochMs } from '../../model/ids.js';
import { LiveOrders } from '../../orders/live-orders.js';
import { isOrderRecord, type OrderRecord } from '../../orders/records.js';
import { journalFiles } from '../books/journal-files.js';
import { type FileCalls, REAL_FILES } from '../file-calls.js';
import type { HaltLine } from '../halt-file.js';

/** What a live book's journal says of orders and halts, to whoever is not its writer. */
export interface OrderLog {
  readonly orders: LiveOrders;
  /** Orders that a record names and whose beginning cannot be read: they may work. */
  readonly strays: readonly ClientId[];
  /** Lines that cannot be read, a torn last one not counted. */
  readonly badLines: number;
  /** The halts that the session knew of last. */
  readonly halts: readonly HaltLine[];
  /** When something was written last, ms since 1970; undefined for an empty journal. */
  readonly writtenAt: EpochMs | undefined;
}

/**
 * Type of a journal's record that holds what a broker told somebody who is not the session: `close-all`. A session that
 * repeats its inputs passes over it, and asks the broker for the same again, so that its engine books it once.
 */
export const OUTSIDE = 'outside';

export type LooseRecord = Readonly<Record<string, unknown>>;

const TYPE = /"type":"([a-z-]+)"/;

/**
 * The records of a journal, as many as can be read, while its session may be writing it and though it may be damaged: for an
 * emergency, in which what can be known is worth more than what can be proven. Nothing is checked against the chain of hashes;
 * `readJournal` does that. A last line without its end is being written, and passed over. Returns the number of bad lines.
 */
export function readLoosely(
  folder: string,
  wanted: (type: string) => boolean,
  onRecord: (record: LooseRecord, ts: EpochMs) => void,
  fs: FileCalls = REAL_FILES,
): number {
  let bad = 0;
  const read = (line: string): void => {
    const type = TYPE.exec(line)?.[1];
    if (type !== undefined && !wanted(type)) return;
    const record = type === undefined ? undefined : recordOf(line);
    if (record === undefined) bad++;
    else onRecord(record, Date.parse(String(record['ts'])));
  };
  for (const { path } of journalFiles(folder, fs)) {
    const lines = fs.readFileSync(path, 'utf8').split('\n');
    const torn = lines.pop() ?? '';
    if (torn.includes('\0')) bad++;
    lines.forEach(read);
  }
  return bad;
}

function recordOf(line: string): LooseRecord | undefined {
  try {
    const { r } = JSON.parse(line) as { r?: LooseRecord };
    return typeof r === 'object' && r !== null ? r : undefined;
  } catch {
    return undefined;
  }
}

/** Folds the journal of a live book. Throws `STATE.UNREADABLE` when its files cannot be read at all. */
export function readOrderLog(folder: string, fs: FileCalls = REAL_FILES): OrderLog {
  const orders = new LiveOrders();
  const strays = new Set<ClientId>();
  let halts: readonly HaltLine[] = [];
  let writtenAt: EpochMs | undefined;
  const fold = (outer: LooseRecord, ts: EpochMs): void => {
    writtenAt = Math.max(writtenAt ?? ts, ts);
    if (outer['type'] === 'halts') halts = haltsOf(outer);
    const record = outer['type'] === OUTSIDE ? (outer['record'] as LooseRecord) : outer;
    if (isOrderRecord(record)) foldOrder(record, ts, orders, strays);
  };
  const badLines = readable(folder, () => readLoosely(folder, () => true, fold, fs));
  return { orders, strays: [...strays], badLines, halts, writtenAt };
}

/** The halts that the session knew of last, and nothing else: no order is folded for it. Throws as `readOrderLog`. */
export function readKnownHalts(folder: string, fs: FileCalls = REAL_FILES): readonly HaltLine[] {
  let halts: readonly HaltLine[] = [];
  const wanted = (type: string): boolean => type === 'halts';
  readable(folder, () =>
    readLoosely(
      folder,
      wanted,
      (record) => {
        if (record['type'] === 'halts') halts = haltsOf(record);
      },
      fs,
    ),
  );
  return halts;
}

function readable<T>(folder: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof FxError) throw error;
    throw new FxError('STATE.UNREADABLE', {
      message: `the journal in ${folder} cannot be read: ${(error as Error).message}`,
      next: 'look at the account at the broker; restore the folder from a backup',
      facts: { path: folder },
      cause: error,
    });
  }
}

/** A record whose beginning is lost in the damage names an order that nobody can say anything of. */
function foldOrder(record: OrderRecord, ts: EpochMs, orders: LiveOrders, strays: Set<ClientId>): void {
  if (record.type === 'venue') {
    orders.apply(record, ts);
    return;
  }
  const clientId = record.type === 'submit' ? record.order.clientId : record.clientId;
  const isKnown = orders.find(clientId) !== undefined;
  if (isKnown !== (record.type === 'submit')) orders.apply(record, ts);
  else if (!isKnown) strays.add(clientId);
}

function haltsOf(record: LooseRecord): readonly HaltLine[] {
  const halts = record['halts'];
  return Array.isArray(halts) ? halts.filter((one): one is HaltLine => typeof one?.id === 'string') : [];
}
