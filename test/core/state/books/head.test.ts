import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readHead, writeHead } from '../../../../src/core/state/books/head.js';
import { BookFolders } from '../../../helpers/a-journal.js';
import { failingFiles } from '../../../helpers/failing-files.js';

const folders = new BookFolders();
afterAll(() => folders.remove());

function headOf(text: string): unknown {
  const folder = folders.make();
  writeFileSync(join(folder, 'head.json'), text);
  try {
    return readHead(folder);
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code} ${message.replace(folder, '')}`;
  }
}
const whole = { version: 1, seq: 5, h: 'ab', generation: 2 };

describe('the head of a journal', () => {
  it('is read as it was written, one line', () => {
    const folder = folders.make();
    expect(readHead(folder)).toBeUndefined();
    writeHead(folder, { seq: 5, hash: 'ab', generation: 2 });
    expect(readFileSync(join(folder, 'head.json'), 'utf8')).toBe('{"version":1,"seq":5,"h":"ab","generation":2}\n');
    expect(readHead(folder)).toEqual({ seq: 5, hash: 'ab', generation: 2 });
    expect(headOf(JSON.stringify({ version: 1, seq: 0, h: '', generation: 0 }))).toEqual({
      seq: 0,
      hash: '',
      generation: 0,
    });
  });

  it.each(['', '{', '7', 'null', '"x"'])('that holds %j is damaged: no JSON of ours', (text) => {
    expect(headOf(text)).toBe('STATE.DAMAGED /head.json is damaged at byte 0: it is not readable as JSON');
  });

  it.each([
    { seq: -1 },
    { seq: 1.5 },
    { seq: '5' },
    { h: 7 },
    { h: undefined },
    { generation: -1 },
    { generation: undefined },
    { version: undefined },
    { version: 0 },
    { version: 1.5 },
    { version: '1' },
  ])('that says %j is damaged: it names no record', (change) => {
    expect(headOf(JSON.stringify({ ...whole, ...change }))).toBe(
      'STATE.DAMAGED /head.json is damaged at byte 0: it names no record',
    );
  });

  it('of a later version is refused by its version, whatever else it says', () => {
    for (const rest of [whole, {}]) {
      expect(headOf(JSON.stringify({ ...rest, version: 2 }))).toBe(
        'STATE.VERSION /head.json has version 2, this program reads version 1',
      );
    }
  });

  it('that cannot be read is not taken for none', () => {
    const folder = folders.make();
    writeHead(folder, { seq: 5, hash: 'ab', generation: 2 });
    expect(() => readHead(folder, failingFiles(1, 'EIO'))).toThrow('EIO');
  });
});
