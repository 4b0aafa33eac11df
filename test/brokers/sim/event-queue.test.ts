import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../../src/brokers/sim/event-queue.js';

const tick = (ts: number) => ({ kind: 'tick', ts }) as const;

describe('a queue of events', () => {
  it('gives them in the order in which they came, and nothing when it is empty', () => {
    const queue = new EventQueue();
    queue.push(tick(1));
    queue.push(tick(2));
    expect([queue.next()?.ts, queue.next()?.ts, queue.next()]).toEqual([1, 2, undefined]);
  });

  it('goes on in order when events come while it is being emptied, and after it was empty', () => {
    const queue = new EventQueue();
    queue.push(tick(1));
    queue.push(tick(2));
    expect(queue.next()?.ts).toBe(1);
    queue.push(tick(3));
    expect([queue.next()?.ts, queue.next()?.ts, queue.next()]).toEqual([2, 3, undefined]);
    queue.push(tick(4));
    expect([queue.next()?.ts, queue.next()]).toEqual([4, undefined]);
  });
});
