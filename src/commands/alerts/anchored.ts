import type { Alert } from '../../core/alerts/alert.js';
import { readHead } from '../../core/state/books/head.js';

/**
 * The daily summary with the end of the book's journal as it stands on disk: in a mailbox or a channel, out of reach of
 * whoever could rewrite the book with its head. `fxtrade audit verify --head HASH` finds it again, or says that it is gone.
 */
export function anchored(alerts: readonly Alert[], folder: string): readonly Alert[] {
  return alerts.map((alert) => {
    if (alert.kind !== 'daily-summary') return alert;
    const head = headOf(folder);
    if (head === undefined || head.seq === 0) return alert;
    return { ...alert, text: `${alert.text}; journal: record ${head.seq}, head ${head.hash}` };
  });
}

/** A head that cannot be read is told by whoever opens the book; the day is told without it. */
function headOf(folder: string): ReturnType<typeof readHead> {
  try {
    return readHead(folder);
  } catch {
    return undefined;
  }
}
