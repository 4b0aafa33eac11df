import type { PlainName, SecretName } from '../../core/config/secrets.js';
import { isSecretName } from '../../core/config/secrets.js';
import type { KeyFacts } from '../../core/ports/key-facts.js';
import { type Bench, type Check, type Finding, fail, pass, type Surroundings, warn } from './subject.js';

/** What a subject needs in the environment. */
export interface KeyNeeds {
  readonly name: string;
  /** How people call it. */
  readonly title: string;
  readonly needs: readonly string[];
  readonly facts: readonly KeyFacts[];
  /** Where a person gets them. */
  readonly from: string;
  /** Something of this user goes through it. */
  isUsed(bench: Surroundings): boolean;
}

/** The value of a variable, secret or not. */
export function variable({ secrets }: Pick<Surroundings, 'secrets'>, name: string): string | undefined {
  return isSecretName(name) ? secrets.get(name as SecretName)?.reveal() : secrets.plain(name as PlainName);
}

/** Nothing it needs is set and nobody uses it: there is nothing to test. */
export function isUnused(needs: KeyNeeds, bench: Surroundings): boolean {
  return needs.needs.length > 0 && needs.needs.every((name) => variable(bench, name) === undefined);
}

/** Whether the keys are there, and look like what they should be. They are not sent anywhere. */
export function keyCheck(needs: KeyNeeds): Check {
  return { name: 'key', run: async (bench) => findingOf(needs, bench) };
}

function findingOf(needs: KeyNeeds, bench: Bench): Finding {
  const missing = needs.needs.filter((name) => variable(bench, name) === undefined);
  if (missing.length > 0) return missingKeys(needs, missing, bench);
  const odd = needs.facts.find(({ name, shape }) => !shape.test(variable(bench, name) ?? '') && isGiven(bench, name));
  if (odd !== undefined) {
    const length = variable(bench, odd.name)?.length ?? 0;
    const detail = `${odd.name} (${length} characters) does not look like one: usual are ${odd.looks}`;
    return warn(detail, `copy ${odd.name} again from ${needs.from}`);
  }
  const given = needs.facts.filter(({ name }) => isGiven(bench, name));
  if (given.length === 0) return pass('needs no key');
  return pass(given.map((facts) => shown(facts, bench)).join(', '));
}

const isGiven = (bench: Surroundings, name: string): boolean => variable(bench, name) !== undefined;

/** `ALPACA_API_KEY from .env (home), paper`. */
function shown({ name, opens }: KeyFacts, bench: Bench): string {
  const kind = opens?.(variable(bench, name) ?? '');
  return `${name} from ${bench.secrets.source(name) ?? 'env'}${kind === undefined ? '' : `, ${kind}`}`;
}

function missingKeys(needs: KeyNeeds, missing: readonly string[], bench: Bench): Finding {
  const names = missing.join(', ');
  const next = `set ${names} in the environment or in .env (mode 0600); from: ${needs.from}`;
  const detail = `${names} ${missing.length === 1 ? 'is' : 'are'} not set`;
  const isHalf = missing.length < needs.needs.length;
  const isWanted = bench.fresh || bench.named.has(needs.name) || needs.isUsed(bench);
  if (isHalf || isWanted) return fail(detail, next);
  return warn(`${detail}; nothing uses ${needs.title}`, next);
}
