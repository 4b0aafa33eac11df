import { z } from 'zod';
import { type ClientParts, OandaClient } from './client.js';

const accountsSchema = z.looseObject({ accounts: z.array(z.looseObject({ id: z.string() })) });

/** Ids of the accounts that a token opens. OANDA has no token for one account alone, nor one that only reads. */
export async function accountsOf(parts: ClientParts): Promise<readonly string[]> {
  const { accounts } = await new OandaClient(parts).readUrl('/accounts', accountsSchema, {}, false);
  return accounts.map(({ id }) => id);
}
