import { expect, it } from 'vitest';
import { hiding } from '../../src/wire/hide.js';
import type { Http } from '../../src/wire/message.js';

const TOKEN = 'canary-token-0123';
const request = { method: 'GET', url: 'https://x', headers: { authorization: TOKEN }, deadlineMs: 1 } as const;

it('an answer that says the token back is handed on without it; the request keeps it', async () => {
  const asked: string[] = [];
  const echo: Http = {
    async send({ headers }) {
      asked.push(headers['authorization'] ?? '');
      return {
        status: 401,
        headers: { location: `/?t=${TOKEN}` },
        body: `bad ${Buffer.from(TOKEN).toString('base64')}`,
      };
    },
    async *lines({ headers }) {
      yield `{"said":"${headers['authorization']}"}`;
    },
  };
  const http = hiding(echo, [{ value: TOKEN, shown: '[secret OANDA_TOKEN]' }]);
  expect(await http.send(request)).toEqual({
    status: 401,
    headers: { location: '/?t=[secret OANDA_TOKEN]' },
    body: 'bad [secret OANDA_TOKEN]',
  });
  const lines: string[] = [];
  for await (const line of http.lines(request, new AbortController().signal)) lines.push(line);
  expect(lines).toEqual(['{"said":"[secret OANDA_TOKEN]"}']);
  expect(asked).toEqual([TOKEN]);
});
