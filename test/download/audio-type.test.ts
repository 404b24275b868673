import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { claimsFormat, extensionByName, otherThanAudio, RECORDING_EXTENSIONS } from '../../src/download/audio-type.ts';

describe('extensionByName', () => {
  test.each([
    ['audio/mpeg', 'mp3'],
    ['audio/mp3', 'mp3'],
    ['audio/x-mp3', 'mp3'],
    ['audio/mpeg3', 'mp3'],
    ['audio/mpg', 'mp3'],
    ['audio/wav', 'wav'],
    ['audio/x-wav', 'wav'],
    ['audio/wave', 'wav'],
    ['audio/vnd.wave', 'wav'],
    ['audio/x-pn-wav', 'wav'],
    ['audio/ogg', 'ogg'],
    ['application/ogg', 'ogg'],
    ['audio/mp4', 'm4a'],
    ['audio/x-m4a', 'm4a'],
    ['audio/flac', 'flac'],
    ['audio/aac', 'aac'],
    ['audio/amr', 'amr'],
    ['audio/webm', 'webm'],
    ['audio/basic', 'ul'],
    ['audio/PCMA', 'al'],
    ['audio/L16; rate=8000', 'raw'],
    ['audio/G729', 'g729'],
    ['Audio/MPEG ; codecs="x"', 'mp3'],
  ])('takes Content-Type %s for %s, before the path', (contentType, extension) => {
    expect(extensionByName({ contentType, path: '/a.flac' })).toBe(extension);
  });

  test.each([null, '', 'application/octet-stream', 'binary/octet-stream', 'audio/unheard-of', 'audio/', 'audio/constructor', 'video/mpeg'])(
    'takes the path where the Content-Type is %j',
    (contentType) => {
      expect(extensionByName({ contentType, path: '/b/2026%2F01/call.MP3' })).toBe('mp3');
      expect(extensionByName({ contentType, path: '/a.wave' })).toBe('wav');
      expect(extensionByName({ contentType, path: '/a.ulaw' })).toBe('ul');
    },
  );

  test.each(['', '/', '/call', '/call.', '/call.exe', '/call.mp3/x', '/mp3', '/a.toString', '/a.mp3%20'])(
    'knows no more than that it is a file where the path is %j',
    (path) => {
      expect(extensionByName({ contentType: null, path })).toBe('bin');
    },
  );

  test('is always short, lower-case and harmless in a name, and one that a recording is looked for under', () => {
    const said = fc.record({
      contentType: fc.option(
        fc.oneof(
          fc.string(),
          fc.string().map((subtype) => `audio/${subtype}`),
        ),
      ),
      path: fc.string().map((extension) => `/a.${extension}`),
    });
    fc.assert(
      fc.property(said, (given) => {
        expect(RECORDING_EXTENSIONS).toContain(extensionByName(given));
      }),
    );
    for (const extension of RECORDING_EXTENSIONS) expect(extension).toMatch(/^[a-z0-9]{2,4}$/);
  });
});

describe('claimsFormat', () => {
  test.each([
    ['audio/mpeg', '/a', true],
    ['application/octet-stream', '/a.wav', true],
    ['audio/basic', '/a.mp3', false],
    ['application/octet-stream', '/a.ul', false],
    [null, '/a', false],
  ])('of %s and %s: %s', (contentType, path, claimed) => {
    expect(claimsFormat({ contentType, path })).toBe(claimed);
  });
});

describe('otherThanAudio', () => {
  test.each([
    ['text/html; charset=utf-8', 'an HTML page'],
    ['application/xhtml+xml', 'an HTML page'],
    ['application/xml', 'an XML document'],
    ['text/xml', 'an XML document'],
    ['application/soap+xml', 'an XML document'],
    ['application/soap+xmlish', undefined],
    ['x-application/xml', undefined],
    ['application/jsonl', undefined],
    ['x-application/json', undefined],
    ['application/zipped', undefined],
    ['application/x-gzip', 'an archive'],
    ['application/x-tar', 'an archive'],
    ['x-text/html', undefined],
    ['text/html5', 'text'],
    ['Application/JSON', 'a JSON document'],
    ['application/problem+json', 'a JSON document'],
    ['image/png', 'an image'],
    ['video/mp4', 'a video'],
    ['application/pdf', 'a PDF document'],
    ['application/zip', 'an archive'],
    ['application/x-zip-compressed', 'an archive'],
    ['text/csv', 'text'],
    ['text/plain', undefined],
    ['audio/mpeg', undefined],
    ['application/octet-stream', undefined],
    ['', undefined],
    [null, undefined],
  ])('of %s: %s', (contentType, what) => {
    expect(otherThanAudio(contentType)).toBe(what);
  });
});
