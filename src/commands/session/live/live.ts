import type { RunRecord } from '../../../core/model/run-record.js';
import type { Break } from '../../../core/orders/reconcile.js';
import type { VenueAccount } from '../../../core/ports/venue.js';
import { writeRunFile } from '../../../core/state/runs/out-folder.js';
import { type SessionHost, warningsOf } from '../backtest.js';
import type { RunRequest } from '../inputs/request.js';
import { makeRecord } from '../record.js';
import { recordText } from '../run-output.js';
import { LiveLoop } from './live-loop.js';
import type { LiveParts } from './live-parts.js';
import { type LiveOptions, openLive } from './open-live.js';
import { requireKnown, requireReconciled, requireSettled } from './preflight.js';

export interface LiveEnd {
  readonly record: RunRecord;
  readonly account: string;
  readonly environment: VenueAccount['environment'];
  readonly decided: boolean;
  readonly missed: number;
  readonly breaks: readonly Break[];
}

/** A session at a real venue: the pre-flight list, recovery, reconciliation, then the loop. */
export async function live(request: RunRequest, options: LiveOptions, host: SessionHost): Promise<LiveEnd> {
  const opened = await openLive(request, options, host);
  try {
    const { session, parts, account } = opened;
    await session.recover();
    requireSettled(session, parts);
    requireReconciled(await session.reconcile());
    options.onEvent('preflight', { line: 'reconciled', ok: true, detail: 'orders, positions and cash agree' });
    await new LiveLoop(session, parts, {
      once: options.once,
      durationMs: options.durationMs,
      signal: host.signal,
    }).play();
    const { decided, missed, inputs } = session;
    const record = recordOf(parts, host);
    writeRunFile(parts.book.folder, 'run.json', recordText(record));
    options.onEvent('stopped', { decided, equity: parts.book.desk.engine.equity });
    if (!host.signal.aborted) {
      requireReconciled(inputs.breaks);
      requireKnown(parts);
    }
    return { record, account: account.id, environment: account.environment, decided, missed, breaks: inputs.breaks };
  } finally {
    opened.close();
  }
}

/** Compares a book that no session holds with its venue; with `adopt` takes the venue's word. */
export async function reconcileBook(
  request: RunRequest,
  options: LiveOptions,
  host: SessionHost,
  adopt?: { readonly who: string; readonly reason: string },
): Promise<readonly Break[]> {
  const opened = await openLive(request, { ...options, shadow: true }, host, true);
  try {
    const { session } = opened;
    await session.recover();
    const breaks = adopt === undefined ? await session.reconcile() : await session.adopt(adopt.who, adopt.reason);
    session.checkpoint();
    return breaks;
  } finally {
    opened.close();
  }
}

function recordOf({ prepared, book }: LiveParts, host: SessionHost): RunRecord {
  return makeRecord({
    prepared,
    numbers: book.desk.recorder.numbers(),
    engine: book.desk.engine,
    dataHash: '',
    startedAt: new Date(host.startedAt).toISOString(),
    version: host.version,
    trials: [],
    files: {},
    warnings: warningsOf(prepared),
  });
}
