import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineHasZone, readPlainLine } from '../../../src/feeds/csv/cells.js';
import { Role } from '../../../src/feeds/csv/layout.js';

const COMMA = 0x2c;
const ROLES = Int8Array.from([Role.time, Role.skip, Role.open, Role.close]);

function read(line: string) {
  const cells = new Float64Array(24);
  const next = readPlainLine(Buffer.from(`${line}\nnext`), 0, ROLES, COMMA, cells);
  return { next, time: cells[Role.time], open: cells[Role.open], close: cells[Role.close], zoned: lineHasZone };
}

describe('the short way through a line', () => {
  it('reads time and numbers, and ends where the next line starts', () => {
    expect(read('1577836800,x,1.1025,7')).toEqual({
      next: 22,
      time: 1_577_836_800_000,
      open: 1.1025,
      close: 7,
      zoned: true,
    });
    expect(read('2020-01-01 00:01,,0001.50,5.')).toMatchObject({ time: 1_577_836_860_000, open: 1.5, close: 5 });
  });

  it.each(['1577836800,x,1,2,more,cells', '1577836800,x,1,2\r'])(
    '%j: what follows the last column is passed over',
    (line) => {
      expect(read(line).next).toBe(line.length + 1);
    },
  );

  it.each([
    '1577836800,x,-1,2',
    '1577836800,x,1e3,2',
    '1577836800,x, 1,2',
    '1577836800,x,1,2 ',
    '1577836800,"x",1,2',
    '1577836800,x,"1",2',
    '1577836800,x,,2',
    '1577836800,x,.5,2',
    '1577836800,x,1',
    '1577836800,x',
    'when,x,1,2',
    '1577836800,x,1234567890123456,2',
    '1577836800,x,1.234567890123456,2',
    '1577836800,x,1;2',
  ])('%j is left to the long way', (line) => {
    expect(read(line).next).toBe(-1);
  });

  it('a number of at most 15 digits is what Number makes of it', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{1,15}$/), fc.nat(14), (digits, place) => {
        const text = place < digits.length - 1 ? `${digits.slice(0, place + 1)}.${digits.slice(place + 1)}` : digits;
        expect(read(`1577836800,,${text},1`).open).toBe(Number(text));
      }),
    );
  });
});
