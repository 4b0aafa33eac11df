import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** True when `home` has books at all, or one of the two `.env` files names a broker: cheap, and wrong only towards yes. */
export function mayHaveBrokers(home: string, cwd: string): boolean {
  try {
    if (readdirSync(join(home, 'books')).length > 0) return true;
  } catch {
    // No books, or none that can be listed.
  }
  return [home, cwd].some((folder) => {
    try {
      return readFileSync(join(folder, '.env'), 'utf8').includes('BROKER_TYPE');
    } catch {
      return false;
    }
  });
}
