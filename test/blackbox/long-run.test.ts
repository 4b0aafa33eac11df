import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BuiltProgram, builtProgram } from '../helpers/built-program.js';
import { allFaults } from './faults.js';
import { tradeOn } from './long-run.js';
import { isSoak, told } from './several.js';

let program: BuiltProgram;
beforeAll(async () => {
  program = await builtProgram();
}, 120_000);
afterAll(() => program.remove());

/** A Wednesday, so that 17:00 New York charges three days. */
const ROLL = Date.parse('2026-11-18T22:00:00Z');
/** `SOAK_HOURS`: how long, 2 in the soak; without it a few seconds, in which little more than the roll happens. */
const HOURS = Number(process.env['SOAK_HOURS'] ?? (isSoak ? 2 : 0));
const LONG = {
  lengthMs: HOURS * 3_600_000,
  everyMs: 10_000,
  start: ROLL - HOURS * 1_800_000,
  knowable: 0.02,
  unknowable: 0.0005,
};
const SHORT = { lengthMs: 6_000, everyMs: 3_500, start: ROLL - 5_000, knowable: 0.04, unknowable: 0 };

it(
  'a book that trades over a Wednesday evening, killed again and again, is the account of the venue to the cent',
  async () => {
    const { knowable, unknowable, ...size } = HOURS > 0 ? LONG : SHORT;

    const run = await tradeOn({
      ...size,
      bin: program.bin,
      seed: process.env['BLACKBOX_SEED'] ?? 'wednesday',
      faults: allFaults({ knowable, unknowable, outside: 0, duplicate: 0 }),
      currency: 'EUR',
      onProgress: (text) => console.log(`black box: ${text}`),
    });

    const interest = run.interest.map(({ at, amount, trades }) => `${amount} on ${trades} trades at ${at}`).join('; ');
    console.log(
      `black box: ${HOURS} hours, ${run.kills} kills, ${run.intents} intents, ${run.orders} orders, ${run.fills} fills (${told(run.currencies)}), ${run.duplicates} duplicate, ${run.lost} lost; interest in EUR: ${interest || 'none'}; balance ${run.balance}; ${run.adopted} times a person decided; ends: ${told(run.ends)}; faults: ${told(run.faults)}; ${run.problems.length} problems`,
    );
    expect(run.problems).toEqual([]);
    expect(run.interest.filter(({ at }) => Date.parse(at) === ROLL)).toHaveLength(1);
    expect(run.currencies.size).toBeGreaterThanOrEqual(HOURS > 0 ? 4 : 1);
    expect(run.fills).toBeGreaterThanOrEqual(HOURS * 250);
    expect(run.kills).toBeGreaterThanOrEqual(HOURS * 150);
  },
  HOURS * 2 * 3_600_000 + 600_000,
);
