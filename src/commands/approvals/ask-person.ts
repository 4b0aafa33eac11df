import { FxError } from '../../core/base/errors.js';
import type { Clock } from '../../core/ports/clock.js';
import { drawQuestion, type WaitingOrder } from '../ui/approval-view.js';
import { age, price, units } from '../ui/format.js';
import { askChoice, askText } from '../ui/prompt.js';
import type { Terminal } from '../ui/terminal.js';
import type { PersonsAnswer } from './answer.js';
import type { Asked } from './waiting.js';

export interface Person {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

const LEAVE = 'leave';

/** Lets a person choose one of the orders that wait; undefined when none does or the person leaves. */
export async function chooseOrder(
  { terminal, signal, clock }: Person,
  open: readonly Asked[],
  rowOf: (one: Asked) => WaitingOrder,
): Promise<Asked | undefined> {
  if (open.length === 0) return undefined;
  const now = clock.now();
  const choices = open.map((one, place) => {
    const { id, side, units: size, instrument, price: at, book, expiresAt } = rowOf(one);
    const left = age(Date.parse(expiresAt) - now);
    return {
      value: String(place),
      name: `${id}  ${side} ${units(size)} ${instrument} at ${price(at)}  ${book}  ${left} left`,
    };
  });
  const asking = { terminal, signal, flag: 'approve ID --accept or --reject' };
  const chosen = await askChoice(
    asking,
    `${open.length} order(s) wait for an answer`,
    [...choices, { value: LEAVE, name: 'leave the rest waiting' }],
    '0',
  );
  return chosen === LEAVE ? undefined : open[Number(chosen)];
}

/** Shows one order and asks for a yes or a no; undefined when the person wants to think. */
export async function askAbout(
  { terminal, signal, clock }: Person,
  { request }: Asked,
  row: WaitingOrder,
): Promise<Omit<PersonsAnswer, 'who'> | undefined> {
  drawQuestion(row, clock.now(), terminal);
  const asking = { terminal, signal, flag: `approve ${request.id} --accept or --reject` };
  const said = await askChoice(
    asking,
    `May ${request.id} be sent?`,
    [
      { value: 'later', name: 'not now: leave it waiting' },
      { value: 'rejected', name: 'no: it is never sent' },
      { value: 'accepted', name: 'yes: it is sent if it still passes every limit' },
    ],
    'later',
  );
  if (said === 'later') return undefined;
  if (said === 'rejected')
    return { outcome: 'rejected', reason: await askText(asking, 'Why? (may be empty)', ''), amount: undefined };
  if (!row.needsAmount) return { outcome: 'accepted', reason: '', amount: undefined };
  const typed = await askText({ ...asking, flag: '--amount UNITS' }, `It is unusually large. Type its units to go on`);
  if (Number(typed.replaceAll(',', '').trim()) === request.units) {
    return { outcome: 'accepted', reason: '', amount: request.units };
  }
  throw new FxError('APPROVAL.DECLINED', {
    message: `${JSON.stringify(typed)} is not the size of ${request.id}: nothing was decided`,
    next: 'run the command again and type the units',
  });
}
