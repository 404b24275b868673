import { describe, expect, it } from 'vitest';
import { readList } from './read-list.ts';

describe('text that is neither a list nor a report', () => {
  it.each([
    ['HTML', '<table><tr><th>Recording ID</th></tr></table>', /a web page \(HTML\)/],
    ['HTML behind a comment', '<!-- saved -->\n<html><body>', /a web page \(HTML\)/],
    ['XML', '<?xml version="1.0"?><calls><call id="1"/></calls>', /an XML document/],
    ['an XML spreadsheet', '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', /Excel 2003/],
    ['a Markdown table', '# Calls\n\n| Recording ID | Caller |\n| :--- | ---: |\n| abc | 1 |\n', /a Markdown table/],
    ['a table of psql', ' recording_id | caller \n--------------+--------\n abc          | 1\n(1 row)\n', /a table of psql/],
    ['a table of MySQL', '+--------------+\n| recording_id |\n+--------------+\n| abc          |\n', /a table of psql, MySQL/],
    ['a table in a box', '┌────┬────┐\n│ id │ x  │\n└────┴────┘\n', /a table drawn with lines/],
    ['RTF', '{\\rtf1\\ansi abc}', /RTF/],
    ['SYLK', 'ID;PWXL;N;E\nP;PGeneral\n', /SYLK/],
    ['SQL', "-- MySQL dump 10.13\nINSERT INTO `calls` VALUES (1,'abc'),(2,'def');\n", /an SQL script/],
    ['an email', 'From: a@b.c\nTo: d@e.f\nMIME-Version: 1.0\n\nHello\n', /an email/],
    ['YAML', 'calls:\n  - id: abc\n    caller: 1\n  - id: def\n', /YAML/],
    ['YAML with plain items', 'ids:\n  - abc==\n  - def==\n', /YAML/],
    ['a file of settings', '[batch]\nids=abc==\n', /a file of settings/],
    ['a record of psql', '-[ RECORD 1 ]+----\nrecording_id | abc\ncaller       | 1\n', /a table of psql/],
    ['a record of MySQL', `${'*'.repeat(27)} 1. row ${'*'.repeat(27)}\nrecording_id: abc\n`, /a table of psql, MySQL/],
    ['bullets', '- abc==\n- def==\n', /a list with bullets/],
    ['a Python list', "['abc==', 'def==']\n", /as Python or JavaScript writes it/],
    ['a key', '-----BEGIN PRIVATE KEY-----\nabc\n', /a key or a certificate/],
    ['vCards', 'BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n', /vCard/],
    ['a letter', 'Dear all,\nthese are the calls of Monday.\nabc\n', /line 1: "Dear all," cannot be a recording id/],
  ])('%s is told by name, and what to give instead', async (_, text, message) => {
    const read = async () => {
      const { failure } = await readList(text);
      throw failure;
    };
    await expect(read()).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/./),
    });
  });

  it.each([
    ['a colon in its title', 'Report: calls\nFrom: 01/11/2026\nRecording ID,Caller\nabc,1\n'],
    ['bars between its fields', 'Call|Recording ID\n1|abc\n'],
    ['hyphens under its title', 'Calls\n-----\nRecording ID,Caller\nabc,1\n'],
  ])('is not what a report with %s is taken for', async (_, text) => {
    expect((await readList(text)).rows.map(({ id }) => id)).toEqual(['abc']);
  });
});
