import { expect, it } from 'vitest';
import { drawPairs, drawTable } from '../../../src/commands/ui/table.js';
import { recordingTerminal } from '../../helpers/recording-terminal.js';

const COLUMNS = [{ name: 'id', keep: true }, { name: 'note' }, { name: 'amount', align: 'right' as const }];

it('columns line up, numbers to the right', () => {
  const terminal = recordingTerminal();
  drawTable(terminal, COLUMNS, [
    ['a', 'short', '1.00'],
    ['bb', 'a longer note', '1,000.00'],
  ]);
  expect(terminal.stdout()).toBe(
    'id  note             amount\na   short              1.00\nbb  a longer note  1,000.00\n',
  );
});

it('a long text gives way so that the table fits, amounts stay whole', () => {
  const terminal = recordingTerminal();
  drawTable(terminal, COLUMNS, [['a', 'word '.repeat(60), '1,000,000.00']]);
  const lines = terminal.stdout().split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(terminal.stdout()).toContain('1,000,000.00');
});

it('a cell from a file stays in its cell', () => {
  const terminal = recordingTerminal();
  drawTable(terminal, COLUMNS, [[`a${String.fromCharCode(27)}[2J`, 'two\nlines', '1']]);
  drawPairs(terminal, [['reason', 'x\ry']]);
  expect(terminal.stdout()).toContain('a\\x1b[2J');
  expect(terminal.stdout()).toContain('two\\nlines');
  expect(terminal.stdout()).toContain('reason  x\\x0dy');
});

it('more columns than fit are narrowed and nothing hangs', () => {
  const terminal = recordingTerminal();
  const many = Array.from({ length: 30 }, (_, index) => ({ name: `column-${index}` }));
  drawTable(terminal, many, [many.map((column) => column.name)]);
  expect(terminal.stdout().length).toBeGreaterThan(100);
});

it('no rows are a header alone', () => {
  const terminal = recordingTerminal();
  drawTable(terminal, COLUMNS, []);
  expect(terminal.stdout().trim()).toMatch(/^id +note +amount$/);
});

it('a style that takes several texts is given one heading at a time', () => {
  const terminal = recordingTerminal();
  const joining = (...texts: unknown[]) => texts.join(' ');
  drawTable({ ...terminal, style: { ...terminal.style, dim: joining } }, COLUMNS, [['a', 'b', '1']]);
  expect(terminal.stdout().split('\n')[0]?.trim()).toBe('id  note  amount');
});
