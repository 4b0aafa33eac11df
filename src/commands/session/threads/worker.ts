import { parentPort, workerData } from 'node:worker_threads';
import { FxError } from '../../../core/base/errors.js';
import { Heartbeat } from '../heartbeat.js';
import type { Job, JobWorld } from './job.js';
import { perform } from './perform.js';

/** What a worker is started with. */
export interface WorkerStart {
  readonly job: Job;
  readonly world: JobWorld;
  readonly slots: Int32Array;
}

/** What it tells: talk, events, at last a result or an error. */
export type WorkerSays =
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'event'; readonly ts: number; readonly what: unknown }
  | { readonly kind: 'told'; readonly what: string; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly error: WireError };

/** An FxError between threads; class and prototype do not travel. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly next: string;
  readonly facts: FxError['facts'];
  readonly stack: string | undefined;
}

const { job, world, slots } = workerData as WorkerStart;
const stopping = new AbortController();
const say = (message: WorkerSays) => parentPort?.postMessage(message);
parentPort?.on('message', () => stopping.abort());
try {
  const listener = {
    signal: stopping.signal,
    note: (text: string) => say({ kind: 'note', text }),
    event: (ts: number, what: unknown) => say({ kind: 'event', ts, what }),
    told: (what: string, fields: Readonly<Record<string, unknown>>) => say({ kind: 'told', what, fields }),
  };
  say({ kind: 'done', result: await perform(job, world, listener, new Heartbeat(slots)) });
} catch (error) {
  say({ kind: 'failed', error: wireError(error) });
} finally {
  parentPort?.close();
}

function wireError(error: unknown): WireError {
  const stack = error instanceof Error ? error.stack : undefined;
  if (error instanceof FxError) {
    return { code: error.code, message: error.message, next: error.next, facts: error.facts, stack };
  }
  return { code: '', message: error instanceof Error ? error.message : String(error), next: '', facts: {}, stack };
}
