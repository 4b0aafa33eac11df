import { existsSync, statSync, watch } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rng } from '../../src/core/base/rng.js';
import { type Desk, type Ended, lastWord, type Running } from './desk.js';
import { readBook, standing } from './read-book.js';

/** A moment by the clock, right after a record stands on disk, or when an order has reached the venue. */
export type Moment = 'time' | 'submit' | 'attempt' | 'arrival';

/** What trades, and when the killer strikes. */
export interface Striking {
  /** The name and the flags of the strategy; default the restless one. */
  readonly trades?: readonly [name: string, ...flags: string[]];
  /** What makes it strike; each as often as it stands here. */
  readonly moments: readonly Moment[];
  /** Most records or orders of a session that it lets pass before. */
  readonly skip: number;
}

/** From the moment at which a session is up; it asks for bars every two seconds, and starting one costs more than running it. */
const PATIENCE_MS = 20_000;
const SETTLING_MS = 60_000;
/** A machine may be so busy that a start takes minutes; then nobody would ever be up. */
const START_MS = 240_000;

/** One book, session after session, with what became of each. */
export class Lane {
  kills = 0;
  inFlight = 0;
  attempted = 0;
  inDoubt = 0;
  adopted = 0;
  readonly ends = new Map<string, number>();
  readonly problems: string[] = [];
  readonly #desk: Desk;
  readonly #random: Rng;
  readonly #moments: readonly Moment[];
  readonly #skip: number;
  readonly #trades: readonly [name: string, ...flags: string[]];
  /** Things done at the account from outside that a person has taken over. */
  #takenOver = 0;

  constructor(desk: Desk, random: Rng, { moments, skip, trades = ['restless.mjs'] }: Striking) {
    this.#desk = desk;
    this.#random = random;
    this.#moments = moments;
    this.#skip = skip;
    this.#trades = trades;
  }

  #session(more: readonly string[] = []): readonly string[] {
    const [name, ...flags] = this.#trades;
    return this.#desk.session([...flags, ...more], name);
  }

  /** A first cycle, so that there is a book to kill. */
  async begin(): Promise<void> {
    await this.#untilItEnds();
  }

  /** A session that is killed so long after it came up, whatever it is doing. */
  async killAfter(ms: number): Promise<void> {
    const running = this.#desk.start(this.#session());
    const end = await endedWithin(running, ms);
    if (end.signal === 'SIGKILL') this.kills++;
    else await this.#ended(end);
  }

  async next(): Promise<void> {
    const settling = standing(readBook(this.#desk.book).rows).doubt > 0;
    // While an answer is being looked into a session does little else: most often it may finish that.
    const patience = settling && this.#random.next() < 0.8 ? SETTLING_MS : PATIENCE_MS;
    const once = this.#random.next() < 0.3;
    const running = this.#desk.start(this.#session(once ? ['--once'] : []));
    const moment = this.#moments[Math.floor(this.#random.next() * this.#moments.length)] ?? 'time';
    const stop = this.#strike(running, moment, settling && patience === SETTLING_MS);
    const end = await endedWithin(running, patience);
    stop();
    if (end.signal === 'SIGKILL') this.#count();
    else await this.#ended(end);
  }

  /** A session that nobody touches; what it says of itself must be what the venue says. */
  async end(): Promise<readonly string[]> {
    this.#desk.venue.calm();
    await this.#untilItEnds();
    const audit = await this.#desk.run(['audit', 'verify', '--json']);
    return audit.code === 0 ? [] : [`audit verify is exit ${audit.code}: ${audit.stdout}`];
  }

  /** Somebody trades at the broker's own screen: the next session notices, says so, and sends nothing. */
  async byHand(): Promise<readonly string[]> {
    const before = this.#desk.venue.arrived.length;
    this.#desk.venue.byHand('EUR_USD', 777);
    const end = await this.#desk.run(this.#session(['--once']));
    const { error } = lastWord(end);
    const problems: string[] = [];
    if (end.code !== 7 || error?.code !== 'STATE.MISMATCH')
      problems.push(`a trade by hand went unnoticed: exit ${end.code}`);
    if (this.#desk.venue.arrived.length !== before) problems.push('an order was sent at an account that differs');
    return problems;
  }

  async #untilItEnds(): Promise<void> {
    for (let tries = 0; tries < 6; tries++) {
      const end = await this.#desk.run(this.#session(['--once']));
      if (end.code === 0) return;
      await this.#ended(end);
    }
    this.problems.push('no session could end in order');
  }

  #count(): void {
    this.kills++;
    const now = standing(readBook(this.#desk.book).rows);
    if (now.inFlight + now.unsent > 0) this.inFlight++;
    if (now.inFlight > 0) this.attempted++;
    if (now.doubt > 0) this.inDoubt++;
  }

  /** A session that ended by itself: in order, for want of the broker, or since a person must look. Nothing else may be. */
  async #ended(end: Ended): Promise<void> {
    const { error } = lastWord(end);
    const how = `${end.code ?? end.signal} ${error?.code ?? ''}`.trim();
    this.ends.set(how, (this.ends.get(how) ?? 0) + 1);
    if (end.code === 0 || end.code === 6) return;
    if (end.code === 7 && (error?.code === 'STATE.UNRESOLVED' || this.#isDisturbed(error?.code))) {
      await this.#adopt();
      return;
    }
    // Too many orders without an answer halt the book; a person looks, and lifts that.
    if (end.code === 5 && error?.code === 'HALT.ACTIVE' && /not answered/.test(error.message)) {
      await this.#adopt();
      return;
    }
    this.problems.push(`a session ended with ${how}: ${error?.message ?? end.stderr.slice(0, 2_000)}`);
  }

  /** True when it is the first time that the account is found to differ since somebody did something there. */
  #isDisturbed(code: string | undefined): boolean {
    const { faults } = this.#desk.venue;
    const done = (faults.get('trade-by-hand') ?? 0) + (faults.get('close-out') ?? 0) + (faults.get('transfer') ?? 0);
    const isNew = done > this.#takenOver;
    if (code === 'STATE.MISMATCH') this.#takenOver = done;
    return code === 'STATE.MISMATCH' && isNew;
  }

  /** A person takes the account as it is; where the broker cannot be read, once more. */
  async #adopt(): Promise<void> {
    this.adopted++;
    const args = ['resume', '--adopt', '--reason', 'looked at the account', '--confirm', this.#desk.venue.account];
    let end = await this.#desk.run([...args, '--json']);
    for (let tries = 0; end.code === 6 && tries < 3; tries++) end = await this.#desk.run([...args, '--json']);
    if (end.code !== 0) this.problems.push(`resume --adopt is exit ${end.code}: ${end.stdout}${end.stderr}`);
  }

  #strike(running: Running, moment: Moment, afterSettling: boolean): () => void {
    const { child } = running;
    const within = (ms: number): number => Math.floor(this.#random.next() * ms);
    if (moment === 'time' && !afterSettling) {
      let timer: NodeJS.Timeout | undefined;
      const wait = (): void => {
        timer = setTimeout(() => child.kill('SIGKILL'), within(3_000));
      };
      // Half of them while it starts, half while it trades.
      if (this.#random.next() < 0.5) wait();
      else void isUp(running).then(wait);
      return () => clearTimeout(timer);
    }
    const skip = within(this.#skip);
    const delay = within(moment === 'submit' ? 4 : 14);
    let seen = 0;
    const strike = (): void => {
      if (seen++ !== skip) return;
      if (delay === 0) child.kill('SIGKILL');
      else setTimeout(() => child.kill('SIGKILL'), delay);
    };
    if (moment === 'submit' || moment === 'attempt') return onGrowth(this.#desk.book, `"type":"${moment}"`, strike);
    this.#desk.venue.onOrder(strike);
    return () => this.#desk.venue.onOrder(() => undefined);
  }
}

/** Kills a session that still runs so long after it came up; one that does not come up is not waited for for ever. */
async function endedWithin(running: Running, ms: number): Promise<Ended> {
  const kill = (): boolean => running.child.kill('SIGKILL');
  let timer = setTimeout(kill, START_MS);
  await Promise.race([isUp(running), running.ended]);
  clearTimeout(timer);
  timer = setTimeout(kill, ms);
  const end = await running.ended;
  clearTimeout(timer);
  return end;
}

/** Resolves when a session has its streams, so that how busy the machine is does not count. */
function isUp({ child, said }: Running): Promise<void> {
  return new Promise((done) => {
    child.stdout?.on('data', () => {
      if (said().includes('"kind":"stream"')) done();
    });
  });
}

/** Calls for each time that a text stands in what a journal has grown by. */
function onGrowth(folder: string, text: string, act: () => void): () => void {
  const path = join(folder, 'journal.ndjson');
  let from = existsSync(path) ? statSync(path).size : 0;
  let busy = false;
  const read = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    const file = await openFile(path, 'r');
    try {
      const { size } = await file.stat();
      const grown = Buffer.alloc(Math.max(0, size - from));
      await file.read(grown, 0, grown.length, from);
      from = Math.max(from, size);
      for (let at = grown.indexOf(text); at >= 0; at = grown.indexOf(text, at + 1)) act();
    } finally {
      busy = false;
      await file.close();
    }
  };
  const watcher = watch(folder, (_, name) => {
    if (name === 'journal.ndjson') void read().catch(() => undefined);
  });
  return () => watcher.close();
}
