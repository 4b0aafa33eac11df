import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeHtml, html } from '../../../src/core/report/markup.js';

describe('text in a page', () => {
  it.each`
    text                           | escaped
    ${'<script>alert(1)</script>'} | ${'&lt;script&gt;alert(1)&lt;/script&gt;'}
    ${'"><img src=x onerror=1>'}   | ${'&quot;&gt;&lt;img src=x onerror=1&gt;'}
    ${"it's & more"}               | ${'it&#39;s &amp; more'}
    ${'a\u0000\u001b[31mb'}        | ${'a[31mb'}
    ${'a\u202eb'}                  | ${'ab'}
    ${'two\nlines\tand a tab'}     | ${'two\nlines\tand a tab'}
  `('$text cannot act', ({ text, escaped }) => {
    expect(escapeHtml(text)).toBe(escaped);
  });

  it('is escaped wherever a piece is put in, and our own pieces are not escaped twice', () => {
    const inner = html`<b>${'a<b'}</b>`;
    expect(html`<p title="${'"x"'}">${inner}${[inner, inner]}${3}</p>`.text).toBe(
      '<p title="&quot;x&quot;"><b>a&lt;b</b><b>a&lt;b</b><b>a&lt;b</b>3</p>',
    );
  });

  it('never keeps a character that opens or closes markup', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"']/);
      }),
    );
  });
});
