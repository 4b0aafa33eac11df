import { type ApprovalDecision, decisionOn } from '../../../src/core/approvals/decision.js';
import type { ApprovalRequest } from '../../../src/core/approvals/request.js';
import { type Rng, seededRng } from '../../../src/core/base/rng.js';
import { Inbox } from '../../../src/core/state/approvals/inbox.js';
import { createWhole } from '../../../src/core/state/atomic.js';
import { BOOK } from '../orders/places.js';
import type { OrderWorld } from '../orders/world.js';
import { SimProcess } from '../world/process.js';

/**
 * Two people at two terminals who see the same questions and do not know of each other: a yes, a no, sometimes one that comes
 * late, and now and then somebody who lays the answer of one question in the place of another's.
 */
export function seatPersons(world: OrderWorld): void {
  for (const name of ['anna', 'ben']) new Person(world, name).sit();
}

class Person {
  readonly #world: OrderWorld;
  readonly #name: string;
  readonly #rng: Rng;
  #yes: ApprovalDecision | undefined;

  constructor(world: OrderWorld, name: string) {
    this.#world = world;
    this.#name = name;
    this.#rng = seededRng(`person ${name} ${world.seed}`);
  }

  sit(): void {
    this.#world.scheduler.in(2_000 + this.#rng.next() * 10_000, `world ${this.#name}`, () => {
      this.#look();
      this.sit();
    });
  }

  /** A program of its own each time; the disk may refuse it, and it may die in any call. */
  #look(): void {
    const process = new SimProcess(this.#name, this.#world.scheduler);
    const files = this.#world.filesOf(process);
    try {
      const inbox = new Inbox(BOOK, files);
      for (const found of inbox.requests()) {
        if ('request' in found && inbox.decision(found.id).kind === 'none') this.#answer(inbox, found.request, files);
      }
    } catch (error) {
      this.#world.output.push(`${this.#name}: ${String(error)}`);
    }
  }

  #answer(inbox: Inbox, request: ApprovalRequest, files: Parameters<typeof createWhole>[2]): void {
    const at = this.#world.wall();
    const kind = this.#rng.next();
    // The real program answers nothing that is over; somebody else's might.
    if (kind > 0.6 || (at >= request.expiresAt && kind > 0.05)) return;
    if (kind > 0.55 && this.#yes !== undefined) {
      createWhole(`${inbox.folder}/${request.id}.decision.json`, `${JSON.stringify(this.#yes)}\n`, files);
      this.#world.swarm.count('forged-answer');
      return;
    }
    const outcome = kind < 0.45 ? 'accepted' : 'rejected';
    const decision = decisionOn(request, { outcome, who: this.#name, reason: '', at, amount: request.units });
    const { yeses, swarm } = this.#world;
    if (!this.#decide(inbox, decision)) return;
    swarm.count(outcome);
    if (outcome !== 'accepted') return;
    yeses.add(request.nonce);
    this.#yes = decision;
  }

  /** An answer may lie there although the program that made it fails right after it: then it was said. */
  #decide(inbox: Inbox, decision: ApprovalDecision): boolean {
    try {
      return inbox.decide(decision);
    } catch (error) {
      this.#world.output.push(`${this.#name}: ${String(error)}`);
      const found = this.#world.disk.bytes(`${inbox.folder}/${decision.id}.decision.json`);
      return found !== undefined && JSON.parse(found.toString('utf8')).who === this.#name;
    }
  }
}
