import { FxError } from '../../core/base/errors.js';
import { oneLine } from '../../core/base/text.js';
import { redact } from '../../core/config/secrets.js';
import { type Http, WireError } from '../../wire/message.js';
import type { Reached } from './reach.js';
import {
  type Bench,
  type Check,
  type Finding,
  fail,
  lengthText,
  type ProbeGroup,
  type Subject,
  type Surroundings,
} from './subject.js';

/** One line of the answer. */
export interface ProbeResult extends Finding {
  /** Subject and check: `oanda.access`. */
  readonly name: string;
  readonly group: ProbeGroup;
  readonly ms: number;
}

export interface RunParts {
  readonly surroundings: Surroundings;
  readonly http: Http;
  reach(origin: string): Promise<Reached>;
  /** Ends everything. */
  readonly signal: AbortSignal;
  /** Told whenever it changes who is waited for. */
  waitingFor?(names: readonly string[]): void;
}

/** Tests every subject at the same time. Results come in the order of the subjects, whichever is ready first. */
export async function runSubjects(subjects: readonly Subject[], parts: RunParts): Promise<readonly ProbeResult[]> {
  const open = new Set(subjects.map(({ name }) => name));
  parts.waitingFor?.([...open]);
  const results = await Promise.all(
    subjects.map(async (subject) => {
      const found = await runSubject(subject, parts);
      open.delete(subject.name);
      parts.waitingFor?.([...open]);
      return found;
    }),
  );
  return results.flat();
}

/** Its checks one after the other, all of them within one deadline. */
async function runSubject(subject: Subject, parts: RunParts): Promise<readonly ProbeResult[]> {
  const { surroundings } = parts;
  const { stopwatch, timeoutMs, wait } = surroundings;
  const late = new AbortController();
  const over = new AbortController();
  const signal = AbortSignal.any([parts.signal, late.signal]);
  void wait(timeoutMs, over.signal).then(() => late.abort());
  const bench: Bench = {
    ...surroundings,
    signal,
    http: within(parts.http, signal, timeoutMs),
    reach: (origin) => parts.reach(origin),
  };
  const results: ProbeResult[] = [];
  for (const check of subject.checks) {
    const begun = stopwatch.mono();
    const finding = await findingOf(check, bench);
    if (finding === undefined) continue;
    const ms = Math.round(stopwatch.mono() - begun);
    results.push({ name: `${subject.name}.${check.name}`, group: subject.group, ...clean(finding, bench), ms });
    if (finding.status === 'fail') break;
  }
  over.abort();
  return results;
}

async function findingOf(check: Check, bench: Bench): Promise<Finding | undefined> {
  const slow = fail(
    `no answer within ${lengthText(bench.timeoutMs)}`,
    'check the network and the vendor’s status page, or give it more time: --timeout 30s',
  );
  if (bench.signal.aborted) return slow;
  try {
    return await Promise.race([check.run(bench), whenOver(bench.signal, slow)]);
  } catch (error) {
    if (bench.signal.aborted) return slow;
    if (error instanceof FxError) return fail(error.message, error.next);
    throw error;
  }
}

function whenOver(signal: AbortSignal, slow: Finding): Promise<Finding> {
  return new Promise((done) => signal.addEventListener('abort', () => done(slow), { once: true }));
}

/** Nothing is sent after the deadline, and nothing waits beyond it: a program that has answered must be able to end. */
function within(http: Http, signal: AbortSignal, timeoutMs: number): Http {
  return {
    send(request) {
      if (signal.aborted) return Promise.reject(new WireError('aborted', false));
      return http.send({ ...request, deadlineMs: Math.min(request.deadlineMs, timeoutMs) });
    },
    lines: (request, ends) => http.lines(request, ends),
  };
}

/** Vendors repeat keys in their complaints. */
function clean({ status, detail, next }: Finding, { secrets }: Bench): Finding {
  const hide = (text: string): string => oneLine(redact(text, secrets));
  return { status, detail: hide(detail), next: next === null ? null : hide(next) };
}
