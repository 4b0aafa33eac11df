import { dropRefusedBook } from '../../../core/state/books/book-folder.js';
import { bookFolder } from '../../../core/state/books/book-path.js';
import { releaseOwnLock } from '../../../core/state/lock/lock-file.js';
import { dropPartialFolder } from '../../../core/state/runs/out-folder.js';
import type { Job } from './job.js';

/**
 * Tidies up after a thread that was stopped in the middle of a job, once it is gone: what it had begun to write, and the
 * book that it had opened and not yet worked in. A book with work in it stays, free for the next run; so does one that
 * another process holds. A real-time book stays too: what it recorded happened.
 * What cannot be removed is no error: the one to tell is why the thread was stopped.
 */
export function tidyAbandoned(job: Job): void {
  try {
    tidy(job);
  } catch {
    return;
  }
}

function tidy(job: Job): void {
  const { home, out } = job.request;
  if (out !== undefined) dropPartialFolder(out);
  if (job.kind !== 'replay' && job.kind !== 'realtime') return;
  const folder = bookFolder(home, 'paper', job.book);
  const ours = releaseOwnLock(folder);
  if (ours && job.kind === 'replay') dropRefusedBook(folder);
}
