/** True in `npm run soak`, where every run is as long as the claim. */
export const isSoak = process.env['npm_lifecycle_event'] === 'soak';

/** Does the work of each item, `width` of them at a time; results in the order of the items. */
export async function several<T, R>(items: readonly T[], width: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let place = next++; place < items.length; place = next++) {
      const item = items[place];
      if (item !== undefined) results[place] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

/** Counts of several runs added up by name. */
export function added(counts: Iterable<ReadonlyMap<string, number>>): ReadonlyMap<string, number> {
  const sum = new Map<string, number>();
  for (const one of counts) for (const [name, count] of one) sum.set(name, (sum.get(name) ?? 0) + count);
  return new Map([...sum].sort(([a], [b]) => (a < b ? -1 : 1)));
}

export const told = (counts: ReadonlyMap<string, number>): string =>
  [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
