import { oneLine } from '../../core/base/text.js';

export type JournalRecord = Readonly<Record<string, unknown>>;

/** One record that has to do with an order, in plain words. */
export interface StoryLine {
  readonly seq: number;
  readonly time: string;
  readonly type: string;
  readonly text: string;
  readonly record: JournalRecord;
}

/** Why an order happened and what became of it. */
export interface Story {
  readonly book: string;
  readonly orderId: string | null;
  readonly clientId: string | null;
  readonly lines: readonly StoryLine[];
}

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const textOf = (value: unknown): string => oneLine(typeof value === 'string' ? value : String(value));

/** Ids by which a record can be found: of orders, of clients, of executions. */
export function idsOf(record: JournalRecord): readonly string[] {
  const order = fieldsOf(record['order']);
  const fill = fieldsOf(record['fill']);
  const event = fieldsOf(record['event']);
  const decided = fieldsOf(record['decision'])['orders'];
  const found = [
    ...[record, order, fill, event, fieldsOf(event['fill'])].flatMap((part) => [
      part['orderId'],
      part['clientId'],
      part['executionId'],
      part['venueId'],
    ]),
    order['id'],
    record['parentId'],
    ...(Array.isArray(decided) ? decided : []),
  ];
  return [...new Set(found.filter((id): id is string => typeof id === 'string'))];
}

/**
 * The records that belong to `id`: an order's or execution's id, a client id, or the number of a decision's record. Orders
 * and client ids of one order lead to each other; the bracket of an order is part of its story.
 */
export function storyOf(book: string, id: string, records: readonly JournalRecord[]): Story | undefined {
  const known = new Set(startOf(id, records));
  const number = /^\d+$/.test(id) ? Number(id) : Number.NaN;
  if (known.size === 0 && !records.some(({ seq }) => seq === number)) return undefined;
  for (let before = 0; before !== known.size; ) {
    before = known.size;
    for (const record of records) if (names(record, known)) for (const one of namesFor(record)) known.add(one);
  }
  const mine = records.filter((record) => record['seq'] === number || idsOf(record).some((one) => known.has(one)));
  const own = mine.find(({ type }) => type === 'submit') ?? {};
  const order = fieldsOf(own['order']);
  const refused = mine.find(({ type }) => type === 'refused');
  const lines = mine.map((record) => ({
    seq: Number(record['seq']),
    time: timeOf(record['ts']),
    type: String(record['type']),
    text: told(record),
    record,
  }));
  return { book, orderId: idOrNull(order['id'] ?? refused?.['orderId']), clientId: idOrNull(order['clientId']), lines };
}

const idOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function timeOf(ts: unknown): string {
  return typeof ts === 'number' ? new Date(ts).toISOString() : String(ts);
}

function startOf(id: string, records: readonly JournalRecord[]): readonly string[] {
  const byNumber = /^\d+$/.test(id) ? records.find((record) => record['seq'] === Number(id)) : undefined;
  if (byNumber !== undefined) return idsOf(byNumber);
  const holder = records.find((record) => idsOf(record).includes(id));
  if (holder === undefined) return [];
  const fill = fieldsOf(holder['fill']);
  return fill['executionId'] === id ? [String(fill['orderId'])] : [id];
}

/** Only what makes or carries an order joins ids: a decision may name the orders of others. */
function namesFor(record: JournalRecord): readonly string[] {
  const order = fieldsOf(record['order']);
  const event = fieldsOf(record['event']);
  const pairs = [record['parentId'], order['id'], order['clientId'], event['venueId'], record['venueId']];
  return pairs.filter((id): id is string => typeof id === 'string');
}

function names(record: JournalRecord, known: ReadonlySet<string>): boolean {
  return record['type'] !== 'decided' && record['type'] !== 'fill' && idsOf(record).some((id) => known.has(id));
}

const TOLD: Readonly<Record<string, (record: JournalRecord) => string>> = {
  decided: (record) => decision(fieldsOf(record['decision'])),
  submit: ({ order }) => {
    const { id, clientId, intent } = fieldsOf(order);
    return `passed every limit of the gate and was sent as ${id} (client id ${clientId}): ${intentText(fieldsOf(intent))}`;
  },
  refused: ({ intent, failures }) => {
    const why = (Array.isArray(failures) ? failures : []).map((one) => textOf(fieldsOf(one)['message']));
    return `refused by the gate (${why.join('; ')}): ${intentText(fieldsOf(intent))}`;
  },
  ask: ({ request }) => {
    const { intent, expiresAt, worstLoss, currency } = fieldsOf(request);
    const loss = worstLoss === null ? 'no stop' : `loses ${worstLoss} ${textOf(currency)} at its stop`;
    return `passed every limit of the gate; a person was asked until ${timeOf(expiresAt)} (${loss}): ${intentText(fieldsOf(intent))}`;
  },
  approved: ({ who, at }) => `approved by ${textOf(who)} at ${timeOf(at)}: judged again before it was sent`,
  declined: ({ who, reason }) => `declined by ${textOf(who)}: ${textOf(reason)}`,
  withdrawn: ({ status, reason }) => `never sent, ${textOf(status)} while it waited for a person: ${textOf(reason)}`,
  'approval-refused': ({ why }) => `something lay in the place of an answer and was not taken: ${textOf(why)}`,
  attempt: () => 'about to be handed to the venue: from here on it may have arrived',
  accepted: ({ venueId }) => `accepted by the venue as ${textOf(venueId)}`,
  refusal: ({ code, reason }) => `refused by the venue (${textOf(code)}): ${textOf(reason)}`,
  unresolved: ({ why }) => `outcome unknown, counted as if filled: ${textOf(why)}`,
  abandoned: ({ reason }) => `never sent and never will be: ${textOf(reason)}`,
  'never-arrived': ({ proof }) => `proven never to have arrived: ${textOf(proof)}`,
  'cancel-request': ({ reason }) => `asked to be cancelled: ${textOf(reason)}`,
  cancel: ({ reason }) => `asked to be cancelled: ${textOf(reason)}`,
  fill: ({ fill }) => fillText(fieldsOf(fill)),
  cancelled: ({ orderId, reason }) => `${textOf(orderId)} was cancelled: ${textOf(reason)}`,
  rejected: ({ orderId, reason }) => `${textOf(orderId)} ended without a trade: ${textOf(reason)}`,
  expired: ({ orderId, reason }) => `${textOf(orderId)} expired: ${textOf(reason)}`,
  child: ({ order }) => {
    const { id, intent } = fieldsOf(order);
    return `${textOf(id)} began to work with the fill: ${intentText(fieldsOf(intent))}`;
  },
  trailed: ({ orderId, stopPrice }) => `the stop of ${textOf(orderId)} moved to ${textOf(stopPrice)}`,
  venue: ({ event }) => {
    const { kind, fill, reason } = fieldsOf(event);
    if (typeof fill === 'object' && fill !== null) return `told by the venue: ${fillText(fieldsOf(fill))}`;
    return `told by the venue: ${textOf(kind)}${reason === undefined ? '' : ` (${textOf(reason)})`}`;
  },
};

function told(record: JournalRecord): string {
  const teller = TOLD[String(record['type'])];
  return teller === undefined ? String(record['type']) : teller(record);
}

function decision({ wish, instrument, reason, inputs, sizing, orders }: Fields): string {
  const became = Array.isArray(orders) && orders.length > 0 ? `became ${orders.join(', ')}` : 'became no order';
  const parts = [`the strategy wished ${textOf(wish)} on ${textOf(instrument)} because ${textOf(reason)}`];
  const seen = list(inputs);
  if (seen !== '') parts.push(`it saw ${seen}`);
  const size = list(sizing);
  if (size !== '') parts.push(`sizing: ${size}`);
  return [...parts, became].join('; ');
}

function list(value: unknown): string {
  return Object.entries(fieldsOf(value))
    .filter(([, one]) => one !== null)
    .map(([key, one]) => `${key} ${textOf(one)}`)
    .join(', ');
}

function intentText(intent: Fields): string {
  const { side, units, instrument, type, price, stopPrice, stopLoss, takeProfit, reason } = intent;
  const prices = Object.entries({ limit: price, stop: stopPrice, 'stop-loss': stopLoss, 'take-profit': takeProfit })
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `, ${name} ${textOf(value)}`);
  return `${textOf(side)} ${textOf(units)} ${textOf(instrument)} ${textOf(type)}${prices.join('')} (${textOf(reason)})`;
}

function fillText({ orderId, clientId, executionId, side, units, price, commission }: Fields): string {
  const whose = orderId ?? clientId ?? 'an order';
  const paid = commission === undefined ? '' : `, commission ${textOf(commission)}`;
  return `${textOf(whose)} filled: ${textOf(side)} ${textOf(units)} at ${textOf(price)}${paid} (execution ${textOf(executionId)})`;
}
