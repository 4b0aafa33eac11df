/** A live book of 100,000 records started again at the stand-in: from the start of the process to the word `reconciled`. */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Journal } from '../dist/core/state/books/journal.js';
import { checkJournal } from '../dist/core/state/books/journal-check.js';
import { same, told } from './measure.js';

const RECORDS = 100_000;
/** Lives of an order that come to nothing, so that the account has nothing to say to them. */
const RECORDS_OF_AN_ORDER = 6;
const STARTS = 5;
/** The process tells its own processor time as it ends: on a busy machine the wall says little. */
const TELL_TIME =
  'data:text/javascript,process.on("exit",()=>{const{user,system}=process.cpuUsage();process._rawDebug("CPU "+(user+system)/1000)})';

export async function restart(program, folder) {
  const home = join(folder, 'restart');
  const standIn = await startStandIn(program, home);
  try {
    const args = ['live', 'sma-cross', '--instruments', 'EUR/USD,USD/JPY', '--timeframe', '1m', '--once', '--json'];
    const line = [program, '--home', home, ...args, '--set', 'approval.required=false', '--confirm', standIn.account];
    const start = () => reconciledAfter(line, standIn.env);
    await start();
    const book = join(home, 'books', `live-${standIn.account}`);
    fill(book);
    // Goes over all of it once, and keeps a snapshot behind it: what every later start begins with.
    const all = await start();
    const times = [];
    for (let i = 0; i < STARTS; i++) times.push(await start());
    const { last } = checkJournal(book);
    same('restart: records', last.seq >= RECORDS, true);
    same(
      'restart: every start reconciled',
      [all, ...times].every(({ ms }) => ms > 0),
      true,
    );
    same('restart: snapshots', readdirSync(book).filter((name) => name.startsWith('snapshot-')).length >= 1, true);
    const middle = (name) => [...times].sort((a, b) => a[name] - b[name])[STARTS >> 1][name];
    told('live book of 100,000 records, start to reconciled', middle('ms'), 'ms', { most: 3000 });
    told('the same, slowest of 5', Math.max(...times.map(({ ms }) => ms)), 'ms', { most: 3000 });
    told('the same, processor time of the whole session', middle('cpu'), 'ms');
    told('the same, without a snapshot of it', all.ms, 'ms');
  } finally {
    standIn.stop();
  }
}

/** Orders that worked and were taken back, as a session writes them, up to 100,000 records. */
function fill(folder) {
  const journal = new Journal(folder);
  let n = 0;
  while (journal.position.seq + RECORDS_OF_AN_ORDER <= RECORDS) {
    const ts = 1.7e12 + n * 60_000;
    const id = `b-${++n}`;
    const clientId = `fxbn${String(n).padStart(16, '0')}`;
    const venueId = String(9_000_000_000 + n * 2);
    const bracket = { instrument: 'EUR/USD', side: 'buy', units: 1000, type: 'limit', price: 1.05, timeInForce: 'GTC' };
    const order = { id, clientId, createdAt: ts, intent: { ...bracket, reduceOnly: false, reason: 'bench' } };
    const event = { ts, venueId, clientId };
    journal.append(ts, 'submit', { order });
    journal.append(ts, 'attempt', { clientId, cursor: '1' });
    journal.append(ts, 'accepted', { clientId, venueId });
    journal.append(ts, 'venue', { event: { kind: 'accepted', id: venueId, ...event } });
    journal.append(ts, 'cancel-request', { clientId, reason: 'bench' });
    const ended = String(9_000_000_001 + n * 2);
    journal.append(ts, 'venue', { event: { kind: 'cancelled', id: ended, ...event, reason: 'client-request' } });
  }
  while (journal.position.seq < RECORDS)
    journal.append(1.8e12, 'override', { line: 'bench', reason: 'to make it whole' });
  journal.close();
}

function startStandIn(program, home) {
  const child = spawn(process.execPath, [program, '--home', home, 'drill', '--serve'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const env = {};
  return new Promise((done, failed) => {
    child.on('exit', (code) => failed(new Error(`the stand-in ended with ${code}`)));
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        const [, name, value] = /^\s*export ([A-Z_]+)=(\S+)/.exec(line) ?? [];
        if (name === undefined) return;
        env[name] = value.replaceAll(/^['"]|['"]$/g, '');
        if (Object.keys(env).length < 6) return;
        child.removeAllListeners('exit');
        done({ env, account: env.OANDA_ACCOUNT_ID, stop: () => child.kill() });
      });
    }
  });
}

/** Milliseconds until a session said that it and the account agree; it is left to end by itself. */
function reconciledAfter(args, env) {
  const start = process.hrtime.bigint();
  const child = spawn(process.execPath, ['--import', TELL_TIME, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let ms = Number.NaN;
  let said = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (Number.isNaN(ms) && line.includes('"line":"reconciled"')) ms = Number(process.hrtime.bigint() - start) / 1e6;
  });
  child.stderr.on('data', (text) => {
    said += text;
  });
  return new Promise((done) => {
    child.on('close', (code) => {
      if (code !== 0) console.log(`a start ended with ${code}: ${said.slice(0, 500)}`);
      done({ ms, cpu: Number(/CPU ([\d.]+)/.exec(said)?.[1] ?? Number.NaN) });
    });
  });
}
