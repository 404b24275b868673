import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { audioExtension, HEAD_BYTES, whyNotAudio } from '../../src/download/audio-type.ts';

function bytes(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

const RAW = bytes('\x80\x7f\x00\x01\x80\x80\x7e\x00');
const MP3 = bytes('\xff\xfb\x90\x64\x00');
const WAV = bytes('RIFF\x24\x00\x00\x00WAVEfmt ');

describe('audioExtension', () => {
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
    ['Audio/MPEG ; codecs="x"', 'mp3'],
  ])('takes Content-Type %s for %s, before the path and the bytes', (contentType, extension) => {
    expect(audioExtension({ contentType, linkPath: '/a.flac', head: bytes('fLaC') })).toBe(extension);
  });

  test.each([null, '', 'application/octet-stream', 'binary/octet-stream', 'audio/unheard-of', 'audio/', 'audio/constructor', 'video/mpeg'])(
    'takes the path where the Content-Type is %j',
    (contentType) => {
      expect(audioExtension({ contentType, linkPath: '/b/2026%2F01/call.MP3', head: WAV })).toBe('mp3');
      expect(audioExtension({ contentType, linkPath: '/a.wave', head: MP3 })).toBe('wav');
    },
  );

  test.each(['', '/', '/call', '/call.', '/call.exe', '/call.mp3/x', '/mp3', '/a.toString', '/a.mp3%20'])(
    'takes the first bytes where the path is %j',
    (linkPath) => {
      expect(audioExtension({ contentType: null, linkPath, head: WAV })).toBe('wav');
    },
  );

  test.each([
    [WAV, 'wav'],
    [bytes('RF64\xff\xff\xff\xffWAVE'), 'wav'],
    [bytes('ID3\x04\x00'), 'mp3'],
    [MP3, 'mp3'],
    [bytes('\xff\xf3\x40\xc0'), 'mp3'],
    [bytes('\xff\xe3\x18\xc4'), 'mp3'],
    [bytes('\xff\xfd\x84\x04'), 'mp3'],
    [bytes('OggS\x00'), 'ogg'],
    [bytes('fLaC\x00'), 'flac'],
    [bytes('#!AMR\n'), 'amr'],
    [bytes('\x00\x00\x00\x20ftypM4A '), 'm4a'],
    [bytes('RIFF\x24\x00\x00\x00AVI '), 'bin'],
    [bytes('RIFF'), 'bin'],
    [bytes('\xff\xfb'), 'bin'],
    [bytes('\xff\xfb\xf0\x64'), 'bin'],
    [bytes('\xff\xfb\x00\x64'), 'bin'],
    [bytes('\xff\xfb\x9c\x64'), 'bin'],
    [bytes('\xff\xeb\x90\x64'), 'bin'],
    [bytes('\xff\xf9\x90\x64'), 'bin'],
    [bytes('\xff\xff\x90\x64'), 'bin'],
    [bytes('\xff\xfb\x90\x62'), 'bin'],
    [bytes('\xfe\xfb\x90\x64'), 'bin'],
    [bytes('\xff\xdb\x90\x64'), 'bin'],
    [bytes('xID3'), 'bin'],
    [bytes(''), 'bin'],
  ])('knows the first bytes %j as %s', (head, extension) => {
    expect(audioExtension({ contentType: null, linkPath: '/call', head })).toBe(extension);
  });

  test('is always short, lower-case and harmless in a name', () => {
    const evidence = fc.record({
      contentType: fc.option(
        fc.oneof(
          fc.string(),
          fc.string().map((subtype) => `audio/${subtype}`),
        ),
      ),
      linkPath: fc.string().map((extension) => `/a.${extension}`),
      head: fc.uint8Array({ maxLength: 20 }),
    });
    fc.assert(
      fc.property(evidence, (given) => {
        expect(audioExtension(given)).toMatch(/^[a-z0-9]{2,4}$/);
      }),
    );
  });
});

describe('whyNotAudio', () => {
  test.each([
    ['<!DOCTYPE html><html>', 'an HTML page'],
    ['\n\t <!doctype HTML PUBLIC "x">', 'an HTML page'],
    ['<html lang="en">', 'an HTML page'],
    ['<HTML>', 'an HTML page'],
    ['<!-- sorry --><p>', 'an HTML page'],
    ['<h1>Sign in</h1>', 'an HTML page'],
    ['\xef\xbb\xbf<html>', 'an HTML page'],
    ['\xff\xfe<\0h\0t\0m\0l\0>\0', 'an HTML page'],
    ['\xfe\xff\0<\0h\0t\0m\0l\0>', 'an HTML page'],
    ['<html>\0\x01', 'an HTML page'],
    ['<?xml version="1.0"?><Error>', 'an XML document'],
    ['<Error><Code>AccessDenied</Code></Error>', 'an XML document'],
    ['<s:Fault xmlns="x">', 'an XML document'],
    ['<!DOCTYPE note SYSTEM "x">', 'an XML document'],
    ['{"code":"RBC31XX"}', 'a JSON document'],
    ['{\n  "code" : "x"', 'a JSON document'],
    ['{}', 'a JSON document'],
    ['[]', 'a JSON document'],
    ['[ {"a":1}]', 'a JSON document'],
    ['[1,2]', 'a JSON document'],
    ['[-1]', 'a JSON document'],
    ['[null]', 'a JSON document'],
    ['\xff\xfe{\0"\0a\0"\0:\x001\0}\0', 'a JSON document'],
    ['\x1f\x8b\x08\x00', 'a gzip archive'],
    ['PK\x03\x04', 'a ZIP archive'],
    ['%PDF-1.7', 'a PDF document'],
    ['\x89PNG\r\n\x1a\n', 'an image'],
    ['\xff\xd8\xff\xe0', 'an image'],
    ['GIF89a', 'an image'],
  ])('sees through %j, even where it is called audio', (head, kind) => {
    for (const contentType of [null, 'audio/mpeg', 'application/octet-stream']) {
      expect(whyNotAudio({ contentType, head: bytes(head) })).toBe(kind);
    }
  });

  test('calls no bytes nothing, whatever their type', () => {
    for (const contentType of [null, 'audio/mpeg', 'text/html']) {
      expect(whyNotAudio({ contentType, head: new Uint8Array(0) })).toBe('nothing at all');
    }
  });

  test.each([
    ['text/html; charset=utf-8', 'an HTML page'],
    ['application/xhtml+xml', 'an HTML page'],
    ['application/xml', 'an XML document'],
    ['text/xml', 'an XML document'],
    ['application/soap+xml', 'an XML document'],
    ['Application/JSON', 'a JSON document'],
    ['application/problem+json', 'a JSON document'],
    ['text/plain', 'a text'],
    ['text/csv', 'a text'],
  ])('believes the Content-Type %s where the bytes say nothing', (contentType, kind) => {
    expect(whyNotAudio({ contentType, head: RAW })).toBe(kind);
    expect(whyNotAudio({ contentType, head: bytes('Not found') })).toBe(kind);
  });

  test.each([
    [WAV, 'text/html'],
    [MP3, 'application/json'],
    [bytes('ID3\x03<html>'), 'text/xml'],
    [bytes('OggS'), 'text/plain'],
    [RAW, null],
    [RAW, 'audio/basic'],
    [RAW, 'application/octet-stream'],
    [bytes('< \x00 3'), null],
    [bytes('<a\x00>'), null],
    [bytes('<3 is no tag'), null],
    [bytes('{x'), null],
    [bytes('{"\x00'), null],
    [bytes('[x'), null],
    [bytes('[1\x00'), null],
    [bytes('   '), null],
    [bytes('\x1f\x8b\x00'), null],
  ])('lets %j pass as %j', (head, contentType) => {
    expect(whyNotAudio({ contentType, head })).toBeUndefined();
  });

  test('does not take raw audio for a document, even where its first bytes spell one', () => {
    const starts = fc.constantFrom('', '<', '<a>', '{"', '[1', '[{', ' <b ', '<!--');
    const samples = fc.uint8Array({ maxLength: HEAD_BYTES });
    fc.assert(
      fc.property(starts, samples, (start, noise) => {
        const head = Buffer.concat([bytes(start), Uint8Array.of(0), noise]);
        expect(whyNotAudio({ contentType: 'audio/basic', head })).toBeUndefined();
      }),
    );
  });

  test('looks at no more than the first bytes', () => {
    const page = bytes(`<p>${' '.repeat(HEAD_BYTES)}`);
    expect(whyNotAudio({ contentType: null, head: Buffer.concat([page, RAW]) })).toBe('an HTML page');
  });
});
