import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type FaultScript, parseFaultScript } from '../../brokers/oanda/sandbox/faults.js';
import { FxError } from '../../core/base/errors.js';

/** The fault script of `--faults FILE`; none when the flag was not given. */
export function readFaults(file: string | undefined, cwd: string): FaultScript {
  if (file === undefined) return { rules: [], events: [] };
  const path = resolve(cwd, file);
  return parseFaultScript(parsed(textOf(path, file), file));
}

function textOf(path: string, file: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    throw new FxError('USAGE.FAULTS', {
      message: `--faults ${file} cannot be read: ${code}`,
      next: 'name a JSON file: {"rules":[{"on":"submit","call":1,"fault":{"kind":"drop-after"}}],"events":[]}',
      facts: { path, code },
    });
  }
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new FxError('CONFIG.FAULTS', {
      message: `--faults ${file} is no JSON`,
      next: 'write {"rules":[{"on":"submit","call":1,"fault":{"kind":"drop-after"}}],"events":[]}',
      facts: { file },
    });
  }
}
