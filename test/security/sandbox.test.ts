import { describe, expect } from 'vitest';
import { it } from '../helpers/tool-test.ts';
import { ask } from '../sandbox/requests.ts';

describe.concurrent('a page in a browser that reaches the sandbox', () => {
  it.for([
    'evil.example',
    'evil.example:PORT',
    'localhost.evil.example:PORT',
    '127.0.0.1.evil.example',
    '127.0.0.1:PORT.evil.example',
    '127.1:PORT',
  ])('by the name %j gets nothing', async (name, { sandbox }) => {
    const { port } = new URL(sandbox.baseUrl);
    const url = `${sandbox.baseUrl}/${sandbox.sid}/voice/recordings?id=a`;
    const reply = await ask(url, { headers: { 'api-key': sandbox.apiKey, host: name.replace('PORT', port) } });
    expect(reply.status).toBe(421);
    expect(reply.text).not.toContain(sandbox.sid);
    expect(sandbox.log.at(-1)).toContain('for another host 421');
  });

  it.for(['127.0.0.1:PORT', '127.0.0.1', 'localhost:PORT', 'LOCALHOST:PORT', '[::1]:PORT'])(
    'by its own name (%s) is answered',
    async (name, { sandbox }) => {
      const { port } = new URL(sandbox.baseUrl);
      const url = `${sandbox.baseUrl}/${sandbox.sid}/voice/recordings?id=a`;
      const headers = { 'api-key': sandbox.apiKey, host: name.replace('PORT', port) };
      expect((await ask(url, { headers })).status).toBe(200);
    },
  );

  it('cannot read an answer of another origin: no header allows it', async ({ sandbox }) => {
    const headers = { origin: 'http://evil.example', 'api-key': sandbox.apiKey };
    const reply = await ask(`${sandbox.baseUrl}/${sandbox.sid}/voice/recordings?id=a`, { headers });
    expect(Object.keys(reply.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });
});
