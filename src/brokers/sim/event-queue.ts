import type { EngineEvent } from '../../core/model/event.js';

/** First in, first out. Emptied places are used again, because an array that is cut to nothing is made anew at the next push. */
export class EventQueue {
  readonly #events: EngineEvent[] = [];
  #first = 0;
  #end = 0;

  push(event: EngineEvent): void {
    this.#events[this.#end] = event;
    this.#end++;
  }

  /** Takes out the oldest event; undefined when there is none. */
  next(): EngineEvent | undefined {
    if (this.#first === this.#end) return undefined;
    const event = this.#events[this.#first];
    this.#first++;
    if (this.#first === this.#end) {
      this.#first = 0;
      this.#end = 0;
    }
    return event;
  }

  /** Takes out everything, oldest first. */
  drain(): readonly EngineEvent[] {
    const events: EngineEvent[] = [];
    for (let event = this.next(); event !== undefined; event = this.next()) events.push(event);
    return events;
  }
}
