import { describe, expect } from 'vitest';
import { always, eachItsOwn, expectWithout, it, KEY, SIGNATURE, told } from './hostile.ts';

const MEGABYTE = 1_000_000;
const fill = (piece: string, length = MEGABYTE - 2000) => piece.repeat(Math.floor(length / piece.length));

/** What patterns, parsers and terminals choke on, nearly as long as an answer may be. Each run ends well before it counts as hanging. */
const PIECES = [
  'a',
  '://',
  'a=',
  '?a',
  '&a=',
  '%25',
  '\\\\',
  'api-key: ',
  'X-Amz-Signature=',
  'A0',
  '[',
  '{"a":',
  'invalid id ',
  '\\u0041',
];

describe('an answer of a megabyte', () => {
  it('of the service is told of in the time and room that any other takes', async ({ tool, hosts }) => {
    const bodies = PIECES.flatMap((piece) => [
      `{"code":"R","message":"${fill(piece)} ${KEY}","data":[],"error":{"id":"Invalid id"}}`,
      `{"code":"${fill(piece, 1000)}","message":"no","error":{"${fill(piece)}":"${KEY}"}}`,
      fill(piece),
    ]);
    hosts.answer = eachItsOwn(400, bodies, '');
    const text = await told(tool, ['batch', '-', '-d', 'calls', '--json'], bodies.length);
    expect(text.length).toBeLessThan(1000 * 1000);
    expectWithout(text, KEY);
  });

  it('of the store is told of in the time and room that any other takes', async ({ tool, hosts }) => {
    hosts.answer = (_, response) =>
      void response.writeHead(301, { Location: `${hosts.store.origin}/a?X-Amz-Signature=${SIGNATURE}` }).end();
    for (const piece of ['<Message>', 'a', '&a=', '://']) {
      hosts.storeAnswer = always(403, `<Error><Code>${SIGNATURE}</Code><Message>${fill(piece)}`, { 'Content-Type': 'application/xml' });
      const run = await tool.run(['download', 'one', '--json', '--retries', '0']);
      expect(run.exitCode).toBe(6);
      expect(run.out.length).toBeLessThan(5000);
    }
  });

  it('stands in a cell of a report', async ({ tool, sandbox: _ }) => {
    for (const piece of ['?', '//', '%3F', '&a=', 'https://h/?a=']) {
      const stdin = `Recording ID,Text\nsandbox-mp3,${fill(piece)}\n`;
      const run = await tool.run(['batch', '-', '--json', '-d', 'calls'], { stdin });
      expect(run.exitCode).toBe(0);
    }
  });
});
