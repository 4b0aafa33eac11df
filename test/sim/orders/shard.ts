import { expect } from 'vitest';
import { type Played, playOrders } from './run.js';
import type { WorldOptions } from './world.js';

/** Seeds that are played when nobody says otherwise; `npm run soak` plays many more, npm tells its scripts their name. */
export const SOAK = process.env['npm_lifecycle_event'] === 'soak';
/** Fewest times that each fault must have struck for a run of thousands of seeds to mean anything. */
const LEAST_STRIKES = 20;

export interface Shard {
  readonly from: number;
  readonly count: number;
  /** Distance between seeds: shards share the line of seeds. */
  readonly step: number;
  readonly halting?: boolean;
}

export interface Totals {
  schedules: number;
  events: number;
  requests: number;
  orders: number;
  haltsInFlight: number;
  /** Schedules at a venue that keeps client ids for ever; the others may use one again when its order has ended. */
  idsForEver: number;
  repeated: number;
  readonly counts: Record<string, number>;
}

/** The seed that a person wants to see again, with its trace. */
export function replayedSeed(): number | undefined {
  const text = process.env['FXTRADE_SEED'];
  return text === undefined ? undefined : Number(text);
}

/** How many seeds in all: said, or a default for this kind of run. */
export function seedsOf(usual: number, soak: number): number {
  return Number(process.env['FXTRADE_SEEDS'] ?? (SOAK ? soak : usual));
}

/** Plays seeds until one breaks a rule; a hundredth of them twice, which must give the same trace. */
export async function playShard(
  shard: Shard,
  play: (seed: number) => Promise<Played>,
): Promise<{ readonly totals: Totals; readonly failed: Played | undefined }> {
  const totals = emptyTotals();
  for (let i = 0; i < shard.count; i++) {
    const seed = shard.from + i * shard.step;
    const played = await play(seed);
    add(totals, played);
    if (played.failure !== undefined) return { totals, failed: played };
    if (i % 100 !== 0) continue;
    const again = await play(seed);
    totals.repeated++;
    if (again.traceHash !== played.traceHash) {
      return { totals, failed: { ...again, failure: `two runs differ: ${played.traceHash}, ${again.traceHash}` } };
    }
  }
  return { totals, failed: undefined };
}

function add(totals: Totals, played: Played): void {
  totals.schedules++;
  totals.events += played.events;
  totals.requests += played.requests;
  totals.orders += played.orders;
  totals.haltsInFlight += played.haltsInFlight;
  if (played.clientIds === 'for-ever') totals.idsForEver++;
  for (const [kind, count] of Object.entries(played.counts)) totals.counts[kind] = (totals.counts[kind] ?? 0) + count;
}

/** Plays a shard of seeds and says what was seen; the test fails at the first seed that breaks a rule. */
export async function expectAllToHold(
  name: string,
  shard: Shard,
  play: (options: WorldOptions) => Promise<Played> = playOrders,
): Promise<Totals> {
  const halting = shard.halting === true;
  const seed = replayedSeed();
  if (seed !== undefined) {
    const played = await play({ seed, halting, trace: true });
    console.log(`${played.trace.join('\n')}\nseed ${seed}: ${played.failure ?? 'every rule held'}`);
    expect(played.failure).toBeUndefined();
    return emptyTotals();
  }
  const { totals, failed } = await playShard(shard, (one) => play({ seed: one, halting }));
  const { counts, ...sums } = totals;
  console.log(`${name}: ${JSON.stringify(sums)}\n${JSON.stringify(counts)}`);
  if (failed !== undefined) {
    const replay = `FXTRADE_SEED=${failed.seed} npx vitest run test/sim/${name}.test.ts`;
    throw new Error(`seed ${failed.seed}: ${failed.failure}\nplay it again with: ${replay}`);
  }
  for (const [kind, count] of Object.entries(counts)) {
    if (totals.schedules >= 2_000) expect(count, kind).toBeGreaterThanOrEqual(LEAST_STRIKES);
  }
  return totals;
}

const emptyTotals = (): Totals => ({
  schedules: 0,
  events: 0,
  requests: 0,
  orders: 0,
  haltsInFlight: 0,
  idsForEver: 0,
  repeated: 0,
  counts: {},
});
