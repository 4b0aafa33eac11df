import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { BugError, type ErrorCode, FxError } from '../../../core/base/errors.js';
import type { Recorded } from '../book.js';
import type { Swept } from '../sweep.js';
import { tidyAbandoned } from './abandoned.js';
import type { Job, JobListener, JobResult, JobWorld } from './job.js';
import { perform } from './perform.js';
import type { WireError, WorkerSays } from './worker.js';

/** How often a watched thread is looked at, ms. */
const LOOK_MS = 100;

/** True when the strategy is a user's file, whose code may hang: it runs on a thread that can be stopped. */
export function isUserFile(strategy: string): boolean {
  return /\.(ts|mjs|js)$/.test(strategy);
}

/** Does a job where it belongs: the program's own strategies here, a user's code on a thread that is watched. */
export function doJob(job: Job, world: JobWorld, listener: JobListener, timeoutMs: number): Promise<JobResult> {
  return isUserFile(job.request.strategy) ? onThread(job, world, listener, timeoutMs) : perform(job, world, listener);
}

/** Shares a sweep among `workers` threads; rows come back in the order of the combinations. */
export async function sweepOnThreads(
  job: Extract<Job, { kind: 'sweep' }>,
  world: JobWorld,
  listener: JobListener,
  options: { readonly workers: number | undefined; readonly timeoutMs: number },
): Promise<Swept> {
  const { combinations } = job;
  const workers = Math.max(1, Math.min(options.workers ?? availableParallelism(), combinations.length));
  const parts = Array.from({ length: workers }, (_, part) =>
    combinations.filter((__, place) => place % workers === part),
  );
  const [own, ...others] = parts;
  const others$ = others.map((part) => onThread({ ...job, combinations: part }, world, listener, options.timeoutMs));
  const first = doJob({ ...job, combinations: own ?? [] }, world, listener, options.timeoutMs);
  const results = await Promise.all([first, ...others$]);
  const lists = results.map((result) => (result.kind === 'sweep' ? result.rows : []));
  const rows = combinations.map((_, place) => lists[place % workers]?.[Math.floor(place / workers)]);
  const any = results.find((result) => result.kind === 'sweep');
  if (any === undefined) throw new BugError('a sweep answers with its rows');
  return { ...any, rows: rows.filter((row) => row !== undefined) };
}

function onThread(job: Job, world: JobWorld, listener: JobListener, timeoutMs: number): Promise<JobResult> {
  const slots = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: { job, world, slots } });
  const stop = () => worker.postMessage('stop');
  listener.signal.addEventListener('abort', stop, { once: true });
  return new Promise<JobResult>((resolve, reject) => {
    let failure: Error = left(job.request.strategy);
    const timer = watch(slots, timeoutMs, () => {
      failure = hung(job.request.strategy, timeoutMs);
      void worker.terminate();
    });
    worker.on('message', (said: WorkerSays) => {
      if (said.kind === 'note') listener.note(said.text);
      else if (said.kind === 'event') listener.event(said.ts, said.what as Recorded);
      else if (said.kind === 'told') listener.told(said.what, said.fields);
      else if (said.kind === 'done') resolve(said.result as JobResult);
      else reject(revived(said.error));
    });
    worker.on('error', reject);
    worker.on('exit', () => {
      clearInterval(timer);
      listener.signal.removeEventListener('abort', stop);
      if (failure instanceof FxError) tidyAbandoned(job);
      reject(failure);
    });
  });
}

/** Calls `onHung` when one and the same call has been running for `timeoutMs`. */
function watch(slots: Int32Array, timeoutMs: number, onHung: () => void): NodeJS.Timeout {
  let seen = 0;
  let looks = 0;
  const timer = setInterval(() => {
    const calls = Atomics.load(slots, 0);
    const running = Atomics.load(slots, 1) === 1;
    looks = running && calls === seen ? looks + 1 : 0;
    seen = calls;
    if (looks * LOOK_MS < timeoutMs) return;
    clearInterval(timer);
    onHung();
  }, LOOK_MS);
  return timer;
}

/** The thread ended and nobody asked it to: a user's code can do that with process.exit. */
function left(strategy: string): FxError {
  return new FxError('STRATEGY.EXITED', {
    message: `${strategy} ended the thread that it runs on`,
    next: 'take process.exit out of the strategy: return nothing when there is nothing to do',
    facts: { strategy },
  });
}

function hung(strategy: string, timeoutMs: number): FxError {
  return new FxError('STRATEGY.TIMEOUT', {
    message: `a callback of ${strategy} ran longer than ${timeoutMs} ms and was stopped`,
    next: 'look for a loop that does not end, or allow more time: --set strategy.timeout=30s',
    facts: { strategy, timeoutMs },
  });
}

function revived(error: WireError): Error {
  const { code, message, next, facts, stack } = error;
  const copy = code === '' ? new Error(message) : new FxError(code as ErrorCode, { message, next, facts });
  if (stack !== undefined) copy.stack = stack;
  return copy;
}
