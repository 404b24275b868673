import { describe, expect } from 'vitest';
import { toneWav } from '../helpers/archive.ts';
import { linkAnswer } from '../helpers/recording-server.ts';
import { always, eachItsOwn, expectWithout, type Hosts, it, KEY, plain, SIGNATURE, told, WAYS } from './hostile.ts';

const spell = (text: string, how: (code: number) => string) => [...text].map((character) => how(character.charCodeAt(0))).join('');
const hex = (code: number, digits = 2) => code.toString(16).padStart(digits, '0');
const failure = (message: string, error: object = { id: 'Invalid id' }, code = 'RBC31XX') =>
  JSON.stringify({ code, message, data: [], error });
const link = `https://b.s3.amazonaws.com/rc/a.mp3?X-Amz-Expires=300&X-Amz-Signature=${SIGNATURE}`;

/** Bodies in which the service repeats the key. */
const KEY_ECHOES: readonly [how: string, body: string][] = [
  ['as it is', failure(`Invalid Id ${KEY}`)],
  ['in another letter case', failure(`Invalid Id ${KEY.toUpperCase()} ${KEY.toLowerCase()}`)],
  [
    'escaped in JSON',
    failure('Invalid Id KEY').replace(
      'KEY',
      spell(KEY, (code) => `\\u${hex(code, 4)}`),
    ),
  ],
  [
    'escaped in JSON within JSON',
    failure('Invalid Id KEY').replace(
      'KEY',
      spell(KEY, (code) => `\\\\u${hex(code, 4)}`),
    ),
  ],
  ['in its code', failure('Invalid Id', { id: 'Invalid id' }, `RBC ${KEY}`)],
  ['as the name of a field', failure('Failed', { [KEY]: 'was not taken' })],
  ['in a reason of several', failure('Failed', { id: ['no', `not ${KEY}`] })],
  ['percent-encoded', failure(`Failed ${spell(KEY, (code) => `%${hex(code)}`)}`)],
  ['percent-encoded twice', failure(`Failed ${spell(KEY, (code) => `%25${hex(code)}`)}`)],
  ['in base64, as basic authentication', failure(`Failed Basic ${Buffer.from(`user:${KEY}`).toString('base64')}`)],
  ['as HTML', failure(`Failed ${spell(KEY, (code) => `&#${code};`)}`)],
  ['with something invisible in it', failure(`Failed ${KEY.slice(0, 9)}\u200b${KEY.slice(9)}`)],
  ['where it would be cut in two', failure(`${'x'.repeat(285)} ${KEY}`)],
  [
    'in a documented failure that is no JSON',
    `{\n "code" : "RBC31XX",\n "message" : "Invalid Id ${KEY}",\n "data": [ "id" : "${KEY}" ],\n "error": {}\n}`,
  ],
  ['in a page', `<html><body>api-key: ${KEY}</body></html>`],
];

const SIGNATURE_ECHOES: readonly [how: string, body: string][] = [
  ['in an address', failure(`Failed ${link}`)],
  ['in an address, percent-encoded', failure(`Failed ${encodeURIComponent(link)}`)],
  ['in an address, percent-encoded twice', failure(`Failed ${encodeURIComponent(encodeURIComponent(link))}`)],
  ['without its question mark', failure(`Failed X-Amz-Signature=${SIGNATURE}`)],
  ['by another name', failure(`Failed https://h/a?sig=${SIGNATURE}&x=1`)],
  ['without any name', failure(`Failed ${SIGNATURE.toUpperCase()}`)],
  ['as the name of a field', failure('Failed', { [`X-Amz-Signature=${SIGNATURE}`]: 'was not taken' })],
  ['escaped in JSON', failure('Failed LINK').replace('LINK', link.replaceAll('&', '\\u0026').replaceAll('=', '\\u003d'))],
];

const bodiesOf = (echoes: readonly [how: string, body: string][]) => echoes.map(([, body]) => body);

describe.concurrent('a service that repeats the key, in each of its forms', () => {
  it.for(WAYS.flatMap((way) => [200, 400].map((status) => [way.join(' '), status, way] as const)))(
    'is told of without it: %s (HTTP %i)',
    async ([, status, way], { tool, hosts }) => {
      hosts.answer = eachItsOwn(status, bodiesOf(KEY_ECHOES), failure(`Failed ${KEY} ${spell(KEY, (code) => `%25${hex(code)}`)}`));
      expectWithout(await told(tool, way, KEY_ECHOES.length), KEY);
    },
  );

  it('keeps the words around it', async ({ tool, hosts }) => {
    hosts.answer = always(401, failure('Unauthorized', { 'api-key': 'Invalid api-key' }));
    expect((await tool.run(['link', 'one'])).err).toContain('"Unauthorized" "api-key: Invalid api-key"');
  });
});

describe.concurrent('a service that repeats a signed link, in each of its forms', () => {
  it.for(WAYS.map((way) => [way.join(' '), way] as const))('is told of without the signature: %s', async ([, way], { tool, hosts }) => {
    hosts.answer = eachItsOwn(400, bodiesOf(SIGNATURE_ECHOES), failure(`Failed ${link} ${encodeURIComponent(link)}`));
    expectWithout(await told(tool, way, SIGNATURE_ECHOES.length), SIGNATURE);
  });
});

describe.concurrent('a store that repeats the link, or a key, in the headers of a recording', () => {
  const token = 'IQoJb3JpZ2luX2VjEJrXwEaCXVzLWVhc3QtMSJHMEUCIQD';

  it.for<[string, Record<string, string>]>([
    ['as its ETag', { ETag: `"${SIGNATURE}"` }],
    ['as an address in its ETag', { ETag: `"https://b/x?X-Amz-Signature=${SIGNATURE}"` }],
    ['in its type', { 'Content-Type': `audio/wav; a=${SIGNATURE}; b=${token}; c=${KEY}` }],
    ['as its type', { 'Content-Type': `audio/${token}` }],
    ['as its coding', { 'Transfer-Encoding': `${SIGNATURE}, chunked` }],
  ])('%s is told of and recorded without them', async ([, headers], { tool, hosts }) => {
    const wav = toneWav(1);
    const query = `X-Amz-Security-Token=${token}&X-Amz-Signature=${SIGNATURE}&response-content-type=audio/wav`;
    hosts.answer = linkAnswer(() => `${hosts.store.origin}/${token}/a.wav?${query}`);
    hosts.storeAnswer = (_, response) => void response.writeHead(200, { 'Content-Type': 'audio/wav', ...headers }).end(wav);
    const texts: string[] = [];
    for (const args of [
      ['download', 'one', '-o', 'one.wav', '--json'],
      ['batch', '-', '-d', 'calls', '--json'],
    ]) {
      const run = await tool.run([...args, '--retries', '0', '-v', '--log-file', 'run.log'], { stdin: 'one\n' });
      expect(run.exitCode).toBe('Transfer-Encoding' in headers ? (args[0] === 'batch' ? 9 : 8) : 0);
      texts.push(run.out, run.err);
    }
    texts.push(String(await tool.read('calls/manifest.jsonl')), String(await tool.read('run.log')));
    for (const secret of [SIGNATURE, token, KEY]) expectWithout(texts.join('\n'), secret);
  });
});

describe.concurrent('a store that repeats the link', () => {
  const path = '/xyz/link/limited/to/5/minutes';
  const linkTo = ({ store }: Hosts) => `${store.origin}${path}?token=s3cr3t%2Fvalue&sig=${SIGNATURE}`;
  const page = (message: string) => `<Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`;

  it.for([
    ['whole', (address: string) => address.replaceAll('&', '&amp;')],
    ['percent-encoded', encodeURIComponent],
    ['as its path alone', (address: string) => new URL(address).pathname],
    ['as a value alone, decoded', () => 's3cr3t/value'],
    ['with something invisible in it', (address: string) => [...address].join('\u200b')],
  ] as const)('%s is told of without it', async ([, form], { tool, hosts }) => {
    hosts.answer = linkAnswer(() => linkTo(hosts));
    hosts.storeAnswer = always(403, page(`No ${form(linkTo(hosts))}`));
    const told: string[] = [];
    for (const args of [
      ['download', 'one', '--json'],
      ['batch', '-', '-d', 'calls', '--json'],
    ]) {
      const run = await tool.run([...args, '--retries', '0'], { stdin: 'one\n' });
      told.push(run.out, run.err);
    }
    told.push(String(await tool.read('calls/manifest.jsonl')));
    expect(plain(told.join('\n'))).not.toMatch(/limited\/to|s3cr3t/);
    expectWithout(told.join('\n'), SIGNATURE);
  });
});
