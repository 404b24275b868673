import { describe, expect, it } from 'vitest';
import { foreignFormat, isOldOffice, isZip, oldOffice } from '../../src/list/foreign-format.ts';
import { makeZip } from '../helpers/workbook.ts';
import { idsOf, readList } from './read-list.ts';

describe('the first bytes of a file', () => {
  it.each<[bytes: string, what: string, hint: RegExp]>([
    ['%PDF-1.7', 'a PDF document', /CSV UTF-8/],
    ['\x1f\x8b\x08\x00', 'a gzip archive', /^Unpack it first/],
    ['BZh91AY&SY\x00\x01', 'a bzip2 archive', /^Unpack it first/],
    ['\xfd7zXZ\0', 'an xz archive', /^Unpack it first/],
    ['7z\xbc\xaf\x27\x1c', 'a 7-Zip archive', /^Unpack it first/],
    ['Rar!\x1a\x07', 'a RAR archive', /^Unpack it first/],
    ['\x28\xb5\x2f\xfd', 'a Zstandard archive', /^Unpack it first/],
    ['SQLite format 3\0', 'an SQLite database', /^Export the table/],
    ['PAR1\x15\x04', 'a Parquet file', /^Export it as CSV/],
    ['bplist00\xd1', 'a property list', /CSV UTF-8/],
    ['\x89PNG\r\n', 'a picture (PNG)', /CSV UTF-8/],
    ['\xff\xd8\xff\xe0', 'a picture (JPEG)', /CSV UTF-8/],
    ['GIF89a\x01\x00', 'a picture (GIF)', /CSV UTF-8/],
    ['ID3\x04\x00', 'an MP3 recording', /^Name the list of ids/],
    ['\xff\xfb\x90', 'an MP3 recording', /^Name the list of ids/],
    ['\xff\xf3\x90', 'an MP3 recording', /^Name the list of ids/],
    ['RIFF\x24\x00', 'a WAV recording', /^Name the list of ids/],
    ['OggS\x00\x02', 'an Ogg recording', /^Name the list of ids/],
    ['fLaC\x00\x00', 'a FLAC recording', /^Name the list of ids/],
    ['\x7fELF\x02', 'a program', /^Name the list of ids/],
  ])('%j are %s', (bytes, what, hint) => {
    const error = {
      code: 'USAGE',
      message: `calls is neither a list of ids nor a report: it is ${what}.`,
      hint: expect.stringMatching(hint),
    };
    expect(foreignFormat(Buffer.from(bytes, 'latin1'), 'calls')).toMatchObject(error);
    expect(foreignFormat(Buffer.from(` ${bytes}`, 'latin1'), 'calls')).toBeUndefined();
  });

  it.each(['\x00', '\x08', '\x0b', '\x0c', '\x0e', '\x1f', '\x7f', '\x80', '\xff'])('are no text where %j follows on letters', (byte) => {
    expect(foreignFormat(Buffer.from(`ID3abc${byte}`, 'latin1'), 'x')).toMatchObject({ code: 'USAGE' });
    expect(foreignFormat(Buffer.from(`ID3${'a'.repeat(40)}${byte}`, 'latin1'), 'x')).toMatchObject({ code: 'USAGE' });
  });

  it('may be an id that begins as such a file does', async () => {
    expect(foreignFormat(Buffer.from('ID3 ~\t\r\n'), 'x')).toBeUndefined();
    for (const id of ['BZh9==', 'PAR1', 'bplist', 'GIF8', 'OggS+', 'fLaC/', 'RIFF~'])
      expect(await idsOf(`${id}\r\ndef\n`)).toEqual([id, 'def']);
  });

  it('tell an archive, also one with nothing in it', async () => {
    expect(isZip(Buffer.from('PK\x03\x04ab'))).toBe(true);
    for (const other of ['PK\x01\x02', 'PK', 'xPK\x03\x04', 'PK\x03', 'PK\x05\x04']) expect(isZip(Buffer.from(other))).toBe(false);
    expect((await readList(await makeZip({})).catch((failure) => ({ failure }))).failure).toMatchObject({
      code: 'USAGE',
      message: 'list.csv is neither a list of ids nor a report: it is a zip archive.',
      hint: expect.stringContaining('Unpack'),
    });
  });
});

describe('a file of old Office', () => {
  const OLE = Buffer.from('d0cf11e0a1b11ae1', 'hex');

  it('is told by all of its first eight bytes', () => {
    expect(isOldOffice(Buffer.concat([OLE, Buffer.from('x')]))).toBe(true);
    expect(isOldOffice(OLE.subarray(0, 7))).toBe(false);
    expect(isOldOffice(Buffer.concat([Buffer.from('x'), OLE]))).toBe(false);
  });

  it.each([
    ['EncryptedPackage', 'an encrypted workbook or document', /without a password/],
    ['WordDocument', 'a Word document (.doc)', /CSV UTF-8/],
    ['PowerPoint Document', 'a PowerPoint presentation', /CSV UTF-8/],
    ['__properties_version1.0', 'an Outlook message', /attachment/],
    ['Workbook', 'an old Excel workbook (.xls)', /^Open it, save it as .xlsx/],
    ['Book', 'an old Excel workbook (.xls)', /^Open it, save it as .xlsx/],
    ['Another', 'an old Excel workbook (.xls) or another old Office document', /^Save it as .xlsx/],
  ])('with a stream %s is %s', (stream, what, hint) => {
    const bytes = Buffer.concat([OLE, Buffer.alloc(600), Buffer.from(stream, 'utf16le')]);
    expect(oldOffice(bytes, 'calls')).toMatchObject({
      code: 'USAGE',
      message: `calls is neither a list of ids nor a report: it is ${what}.`,
      hint: expect.stringMatching(hint),
    });
  });
});
