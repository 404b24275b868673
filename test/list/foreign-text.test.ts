import { describe, expect, it } from 'vitest';
import { refuseForeignLines, refuseForeignText, refuseTable } from '../../src/list/foreign-text.ts';
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

describe('a table that is drawn with lines', () => {
  const notAList = (what: string) =>
    expect.objectContaining({ code: 'USAGE', message: `x is neither a list of ids nor a report: it is ${what}.` });
  const PSQL = 'a table of psql, MySQL or a similar client';
  const BOX = 'a table drawn with lines';

  it.each([
    ...['|---|---|', '---|---', '---|', '|:---:|', '| :--- | ----: |', ' | --- | --- ', '  --- | ---  '].map((line) => [
      'a Markdown table',
      line,
    ]),
    ...['---+---', '-----+------', ' ----+----- ', '+---+', '+----+------+', '|---+----|', '+---+---'].map((line) => [PSQL, line]),
    ...['-[ RECORD 1 ]+---', '-[ RECORD 23 ]', '********* 1. row *********', '********** 12. row **'].map((line) => [PSQL, line]),
    ...['┌──┬', '  ├──', '╔══╗', '╠═╬', '╭──╮'].map((line) => [BOX, line]),
  ])('is %s by the line %j, wherever it is among the first', (what, line) => {
    for (const end of ['\n', '\r\n', '\r']) {
      expect(() => refuseTable(`a${end}b${end}${line}${end}c`, 'x')).toThrow(notAList(what));
    }
    expect(() => refuseTable(`${'a\n'.repeat(39)}${line}`, 'x')).toThrow(notAList(what));
    expect(() => refuseTable(`${'a\n'.repeat(40)}${line}`, 'x')).not.toThrow();
    expect(() => refuseTable(`${'a'.repeat(64 * 1024)}\n${line}`, 'x')).not.toThrow();
  });

  it.each([
    ...['|--|--|', '---', '|', '||', 'a|---|', '|---|a', '|---|---|a', '--- ---|'],
    ...['--+---', '---+--', '+--+', 'a ---+---', '---+--- a', '---', '+---', 'a -[ RECORD 1', '-[ RECORD x ]', '-[RECORD 1]'],
    ...['******** 1. row *', 'a ********* 1. row *', '********* x. row *', '********* 1 row *', '********* 1. rows'],
    ...['┌─', 'a┌──', '──┬──', '┌ab', '├─x'],
  ])('is not told by the line %j', (line) => {
    expect(() => refuseTable(`a\n${line}\nb`, 'x')).not.toThrow();
  });

  it('is told with what its client can write instead', () => {
    expect(() => refuseTable('---+---', 'x')).toThrow(expect.objectContaining({ hint: expect.stringMatching(/\\copy .* csv header/) }));
    expect(() => refuseTable('|---|---|', 'x')).toThrow(expect.objectContaining({ hint: expect.stringContaining('CSV UTF-8') }));
  });
});

describe('text that most of its lines tell', () => {
  const told = (text: string) => {
    try {
      refuseForeignLines(text, 'x');
      return undefined;
    } catch (error) {
      return /it is (?<what>.*)\.$/.exec((error as Error).message)?.groups?.what;
    }
  };
  const BULLETS = 'a list with bullets';
  const YAML = 'YAML, or a file of settings';

  it.each<[what: string | undefined, lines: string[]]>([
    [BULLETS, ['- a', '* b', '+ c', '• d', '1. e', '12) f', '  - g']],
    [undefined, ['a', '-a', '1.a', '1 a', '-', 'b']],
    [YAML, ['a: 1', '- b: 2', '"c": 3', "'d-e':", '---', '%YAML 1.2']],
    // More than three of five must be so; blank lines and comments are not counted.
    [undefined, ['- a', '- b', '- c', 'd', 'e']],
    [BULLETS, ['- a', '- b', 'c']],
    [BULLETS, ['# calls', '', '- a', '  ', '# more', '- b', '', '#']],
    // Bullets below a key are no list of their own.
    [YAML, ['ids:', '- a', '- b']],
    [YAML, ['call-ids:  ', '- a', '- b', '- c']],
    [BULLETS, ['ids: none', '- a', '- b', '- c']],
    [BULLETS, ['these ids:', '- a', '- b', '- c']],
    [undefined, ['a', 'b']],
  ])('is %s: %j', (what, lines) => {
    expect(told(lines.join('\n'))).toBe(what);
  });

  it('is advised how to be mended', () => {
    expect(() => refuseForeignLines('- a\n- b', 'x')).toThrow(expect.objectContaining({ hint: expect.stringContaining('sed -E') }));
  });

  it('is told by its first lines alone', () => {
    expect(() => refuseForeignText(`${'a\n'.repeat(39)}[settings]\n`, 'x')).toThrow('a file of settings (INI)');
    expect(() => refuseForeignText(`${'a\n'.repeat(40)}[settings]\n`, 'x')).not.toThrow();
    expect(() => refuseForeignText('a\r[settings]\rb', 'x')).toThrow('a file of settings (INI)');
  });
});
