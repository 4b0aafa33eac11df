import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check } from './checker.js';
import { Desk, type Ended, lastWord } from './desk.js';
import { isSoak } from './several.js';

/*
 * The tracer follows the main thread alone, and the session trades a strategy of the program's own, so all of it happens on
 * that thread: files, sockets, the terminal. A kill ends the threads beside it too. Counts are the kernel's, so the k-th call
 * is the same call in every run up to what the scheduler changes, and the last k is the one that nothing was killed at.
 */
export const CALLS = [
  'write',
  'writev',
  'pwrite64',
  'fsync',
  'fdatasync',
  'rename',
  'link',
  'unlink',
  'ftruncate',
  'mkdir',
  'chmod',
  'sendto',
  'sendmsg',
] as const;
export type Call = (typeof CALLS)[number];

export const hasTracer = spawnSync('strace', ['-V']).status === 0;

const STRATEGY = 'sma-cross';
const FLAGS = ['--once', '--param', 'fast=2', '--param', 'slow=3'];
const NO_FAULTS = { rules: [], events: [] };

/** A session at the venue that trades: the first of its book, or one that goes on with it. */
export interface Scene {
  readonly bin: string;
  readonly seed: string;
  readonly first: boolean;
}

async function opened({ bin, seed, first }: Scene): Promise<Desk> {
  const desk = await Desk.open(bin, seed, NO_FAULTS);
  if (!first) await desk.run(desk.session(FLAGS, STRATEGY));
  return desk;
}

/** How often a whole session makes each call. */
export async function countCalls(scene: Scene): Promise<ReadonlyMap<Call, number>> {
  const desk = await opened(scene);
  const folder = mkdtempSync(join(tmpdir(), 'fxtrade-trace-'));
  try {
    const log = join(folder, 'log');
    const under = ['strace', '-qq', '-o', log, '-e', `trace=${CALLS.join(',')}`];
    const end = await desk.start(desk.session(FLAGS, STRATEGY), under).ended;
    if (end.code !== 0) throw new Error(`a traced session ended with ${end.code}: ${end.stderr}${end.stdout}`);
    const text = readFileSync(log, 'utf8');
    const counted = CALLS.map((call) => [call, text.split('\n').filter((line) => line.startsWith(`${call}(`)).length]);
    return new Map(counted as [Call, number][]);
  } finally {
    await desk.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface Point {
  readonly call: Call;
  readonly at: number;
}

export interface Struck {
  readonly killed: boolean;
  /** A person had to take the venue's word, since nobody knows whether the bytes had left. */
  readonly adopted: boolean;
  readonly orders: number;
  readonly problems: readonly string[];
}

/** Kills a session as it makes the k-th of a call, lets another finish, and checks both sides. */
export async function killAt(scene: Scene, point: Point): Promise<Struck> {
  for (let tries = 1; ; tries++) {
    const struck = await strike(scene, point);
    // On a machine so busy that the venue seemed away, nothing was struck.
    if (struck !== 'no venue' || tries === 3) return struck === 'no venue' ? NOT_STRUCK : struck;
  }
}

const NOT_STRUCK: Struck = { killed: false, adopted: false, orders: 0, problems: ['the venue could not be reached'] };

async function strike(scene: Scene, { call, at }: Point): Promise<Struck | 'no venue'> {
  const desk = await opened(scene);
  try {
    const under = [
      'strace',
      '-qq',
      '-o',
      '/dev/null',
      '-e',
      `trace=${call}`,
      '-e',
      `inject=${call}:signal=KILL:when=${at}`,
    ];
    const struck = await desk.start(desk.session(FLAGS, STRATEGY), under).ended;
    const problems: string[] = [];
    const killed = struck.signal === 'SIGKILL';
    if (struck.code === 6) return 'no venue';
    if (!killed && struck.code !== 0) problems.push(told('the struck session', struck));
    const adopted = await settle(desk, problems);
    const { home, book: folder, venue } = desk;
    const verdict = check({ home, folder, truth: venue.truth(), arrived: venue.arrived });
    problems.push(...verdict.problems);
    if (problems.length > 0) problems.unshift(`killed at ${call} ${at}, seed ${scene.seed}, evidence: ${desk.keep()}`);
    return { killed, adopted, orders: verdict.orders, problems };
  } finally {
    await desk.close();
  }
}

/** A session that nobody touches; where it must ask a person, one answers, and where it lost its venue there is another. */
async function settle(desk: Desk, problems: string[]): Promise<boolean> {
  let adopted = false;
  for (let tries = 0; tries < 5; tries++) {
    const end = await desk.run(desk.session(FLAGS, STRATEGY));
    if (end.code === 0) break;
    // A busy machine lets a connection grow so old that the venue closes it: nobody knows then whether an order arrived.
    if (end.code === 6 && tries < 4) continue;
    if (lastWord(end).error?.code !== 'STATE.UNRESOLVED' || adopted) {
      problems.push(told('the next session', end));
      break;
    }
    adopted = true;
    const args = ['resume', '--adopt', '--reason', 'looked at the account', '--confirm', desk.venue.account, '--json'];
    const person = await desk.run(args);
    if (person.code !== 0) problems.push(told('resume --adopt', person));
  }
  if (!isSoak) return adopted;
  const audit = await desk.run(['audit', 'verify', '--json']);
  if (audit.code !== 0) problems.push(told('audit verify', audit));
  return adopted;
}

/** A call that fails from its k-th time on, as on a disk that is full or broken. */
export interface Failing {
  readonly call: 'write' | 'fsync' | 'rename';
  readonly error: 'ENOSPC' | 'EIO';
  readonly at: number;
  /** Only calls on the journal. */
  readonly journal: boolean;
}

export interface Failed {
  readonly end: Ended;
  /** Orders that reached the venue after the journal could no longer be written: there are none. */
  readonly problems: readonly string[];
}

/** A session whose disk fails, then one on a disk that works again. */
export async function failAt(scene: Scene, { call, error, at, journal }: Failing): Promise<Failed> {
  const desk = await opened(scene);
  try {
    const path = journal ? ['-P', join(desk.book, 'journal.ndjson')] : [];
    const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:error=${error}:when=${at}+`];
    const end = await desk.start(desk.session(FLAGS, STRATEGY), [
      'strace',
      '-qq',
      '-o',
      '/dev/null',
      ...path,
      ...inject,
    ]).ended;
    const sent = desk.venue.arrived.length;
    const problems: string[] = [];
    // A session that makes fewer such calls never meets the fault.
    if (end.code !== 7 && end.code !== 0) problems.push(told('a session on a disk that fails', end));
    const lift = ['resume', '--reason', 'the disk is well again', '--confirm', desk.venue.account, '--json'];
    let resumed = await desk.run(lift);
    // An order whose attempt was written, and not made safe, was not sent; nobody can know that afterwards but a person.
    if (resumed.code === 7) resumed = await desk.run([...lift, '--adopt']);
    if (resumed.code !== 0) problems.push(told('resume', resumed));
    await settle(desk, problems);
    const { home, book: folder, venue } = desk;
    const verdict = check({ home, folder, truth: venue.truth(), arrived: venue.arrived });
    problems.push(...verdict.problems);
    if (problems.length > 0) problems.unshift(`${error} at ${call} ${at}, ${sent} sent, evidence: ${desk.keep()}`);
    return { end, problems };
  } finally {
    await desk.close();
  }
}

function told(who: string, end: Ended): string {
  const { error } = lastWord(end);
  return `${who} ended with ${end.code ?? end.signal}: ${error === undefined ? end.stderr.slice(0, 500) : `${error.code} ${error.message}`}`;
}
