import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openList } from '../../src/list/id-list.ts';
import { idsOf, readList, streamOf } from './read-list.ts';

const usage = (message: RegExp, hint = /./) =>
  expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(message), hint: expect.stringMatching(hint) });
const opening = (value: unknown, options = {}) => openList(streamOf(typeof value === 'string' ? value : JSON.stringify(value)), options);

describe('JSON', () => {
  it.each([
    ['an array of objects', '[{"id":"a1","n":1},{"id":"b2"}]'],
    ['an array over several lines', '[\n  {\n    "id": "a1"\n  },\n  {\n    "id": "b2"\n  }\n]\n'],
    ['an object a line', '{"recordingId":"a1"}\n{"recordingId":"b2"}\n'],
    ['objects over several lines, as jq writes them', '{\n  "recording_id": "a1",\n  "x": {}\n}\n{\n  "recording_id": "b2"\n}\n'],
    ['an answer', '{"code":"R","data":[{"id":"a1"},{"id":"b2"}],"error":{}}'],
    ['a deep answer', '{"a":{"b":{"c":{"records":[{"recordingId":"a1"},{"recordingId":"b2"}]}}}}'],
    ['answers of several pages', '{"data":[{"id":"a1"}]}\n{"data":[{"id":"b2"}]}\n'],
    ['arrays of several pages', '[{"id":"a1"}]\n[{"id":"b2"}]'],
    ['an array of strings', '["a1", "b2"]'],
    ['an array of numbers and nothing', '[1, null, 22]', ['1', '22']],
    ['objects behind a mark and blank lines', '\ufeff\n\n{"id":"a1"}\r\n\r\n{"id":"b2"}'],
    ['a nested id', '[{"recording":{"id":"a1"}},{"recording":{"id":"b2"}}]'],
    ['an id that is nested deeper', '[{"id":"x","call":{"recordingId":"a1"}},{"id":"y","call":{"recordingId":"b2"}}]'],
    ['an answer with an id of its own', '{"id":"answer","calls":[{"recordingId":"a1"},{"recordingId":"b2"}]}'],
  ])('that is %s is read, in pieces of any size', async (_, text, ids = ['a1', 'b2']) => {
    for (const size of [1, 3, 1000]) expect(await idsOf(text, {}, size)).toEqual(ids);
  });

  it('has its nested values under headers with dots, and is written as CSV where a row fails', async () => {
    const { header, rows } = await readList(
      '[{"id":"a1","caller":{"number":"+39","tags":["x","y"]},"ok":true,"none":null},{"id":"b2","more":1.5}]',
    );
    expect(header).toEqual({
      headers: ['id', 'caller.number', 'caller.tags', 'ok', 'none', 'more'],
      raw: 'Recording ID,caller.number,caller.tags,ok,none,more',
      delimiter: ',',
      idColumn: 0,
    });
    expect(rows).toEqual([
      { id: 'a1', line: 1, raw: 'a1,+39,"[""x"",""y""]",true,,', columns: ['a1', '+39', '["x","y"]', 'true', '', ''] },
      { id: 'b2', line: 2, raw: 'b2,,,,,1.5', columns: ['b2', '', '', '', '', '1.5'] },
    ]);
    expect(await idsOf(`${header?.raw}\n${rows.map(({ raw }) => raw).join('\n')}\n`)).toEqual(['a1', 'b2']);
  });

  it('keeps all digits of a number', async () => {
    expect(await idsOf('[{"id":12345678901234567891},{"id":  9007199254740993}]')).toEqual(['12345678901234567891', '9007199254740993']);
    expect((await readList('[{"id":"a1","note":"see 12345678901234567891, \\"x\\""}]')).rows[0]?.columns?.[1]).toBe(
      'see 12345678901234567891, "x"',
    );
  });

  it('counts objects without an id, and tells keys that turn up late', async () => {
    const first = Array.from({ length: 1100 }, (_, index) => `{"id":"id${index}"}`);
    const read = await readList([...first, '{"id":null}', '{"id":"late","extra":1}'].join('\n'), {}, 4096);
    expect(read).toMatchObject({ blank: 1, notices: [expect.stringMatching(/line 1102 has a key .*"extra"/)] });
    expect(read.rows).toHaveLength(1101);
  });

  it('finds the id under the key that --column names', async () => {
    expect(await idsOf('[{"id":"x","call":{"rec":"a1"}}]', { column: 'call.rec' })).toEqual(['a1']);
    await expect(opening([{ id: 'x' }], { column: 'rec' })).rejects.toEqual(usage(/no key "rec".*"id"/, /--column/));
  });

  it.each([
    ['no id', [{ caller: '1' }, { caller: '2' }], /no key "Recording ID" or "id".*Its keys: "caller"/],
    ['two arrays with an id', { calls: [{ id: 'a' }], agents: [{ id: 'b' }] }, /several arrays of objects with an id: "calls", "agents"/],
    ['nothing', [], /empty JSON array/],
    ['no objects', { a: 1, b: [2] }, /no key|no array of objects/],
    ['arrays too deep', { a: { b: { c: { d: { e: [{ id: 'x' }] } } } } }, /no key|no array of objects/],
    ['two keys like the id', [{ recordingId: 'a', recording_id: 'b' }], /more than one like it/],
    ['an end that is missing', '[{"id":"a"},', /breaks off/],
    ['an object that is damaged', '[{"id":"a"},{"id":b}]', /line 1 is damaged/],
    ['another language', "[{'id': 'a'}]", /damaged|breaks off/],
  ])('with %s is refused', async (_, value, message) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const run = async () => {
      const { failure } = await readList(text);
      throw failure;
    };
    await expect(run()).rejects.toEqual(usage(message));
  });

  it('that goes bad further down names the line, after the objects before it', async () => {
    const objects = Array.from({ length: 3000 }, (_, index) => `{"id":"id${index}"}`);
    const { rows, failure } = await readList(`${objects.join('\n')}\n{"id":]}\n`, {}, 4096);
    expect(rows).toHaveLength(3000);
    expect(failure).toEqual(usage(/line 3001/));
  });

  it('with a value larger than 32 MB is refused, and told how to cut it', async () => {
    const huge = `{"data":[{"id":"a","x":"${'x'.repeat(33 * 1024 * 1024)}"}]}`;
    await expect(openList(streamOf(huge, 1024 * 1024))).rejects.toEqual(usage(/larger than 32 MB/, /jq/));
  });

  it('is read back as it was written', async () => {
    const id = fc.base64String({ minLength: 4, maxLength: 12 }).filter((text) => text !== '' && !/^\d+$/u.test(text));
    const record = fc.record({ id, note: fc.string(), deep: fc.record({ n: fc.integer(), s: fc.string() }) });
    const shape = fc.record({ lines: fc.boolean(), indent: fc.constantFrom(0, 2), size: fc.integer({ min: 1, max: 50 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 8 }), shape, async (records, { lines, indent, size }) => {
        const text = lines ? records.map((one) => JSON.stringify(one, null, indent)).join('\n') : JSON.stringify(records, null, indent);
        const read = await readList(text, {}, size);
        expect(read.failure).toBeUndefined();
        expect(read.rows.map(({ columns }) => columns)).toEqual(records.map(({ id, note, deep }) => [id, note, String(deep.n), deep.s]));
      }),
      { numRuns: 200 },
    );
  });
});

describe('records of JSON that cannot be read', () => {
  const LINES = ['{"id":"a"}', '{"id":"b", oops}', 'not JSON', '{"id":"c"}', 'null', '{"id":"d"}'].join('\n');

  it('are handed over one by one where somebody takes them, among the first ones too', async () => {
    const bad: unknown[] = [];
    const { rows, failure } = await readList(LINES, { onBadRow: (raw, line) => bad.push([raw, line]) }, 7);
    expect(failure).toBeUndefined();
    expect(rows.map(({ id }) => id)).toEqual(['a', 'c', 'd']);
    expect(bad).toEqual([
      ['{"id":"b", oops}', 2],
      ['not JSON', 3],
      ['null', 5],
    ]);
  });

  it('end the reading with their line where nobody does', async () => {
    await expect(readList('{"id":"a"}\nnot JSON\n{"id":"c"}\n').then(({ failure }) => Promise.reject(failure))).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('line 2'),
    });
  });

  it('are told with the line that they begin on where they are never closed', async () => {
    await expect(
      readList('{"id":"a"}\n{"id":"b","note":"to\n{"id":"c"}\n').then(({ failure }) => Promise.reject(failure)),
    ).rejects.toMatchObject({
      message: expect.stringContaining('what begins in line 2 breaks off before its end'),
    });
  });

  it('are not looked for in an answer whose array is empty', async () => {
    await expect(readList('{"code":"ok","data":[]}')).rejects.toMatchObject({
      code: 'USAGE',
      message: 'list.csv names no recordings: its array "data" is empty.',
    });
  });
});

describe('a report in JSON', () => {
  const lines = (...values: unknown[]) => values.map((value) => JSON.stringify(value)).join('\n');
  const failing = async (text: string, options = {}) => {
    const { failure } = await readList(text, options);
    throw failure;
  };
  const unreadable = (why: string) =>
    usage(new RegExp(`^list\\.csv is JSON that cannot be read as a report: ${why}\\.$`), /an array of objects.*jq -c/);

  it.each([
    ['[{"id":"a1"},\n{"id":"1.5E+9"}]', /^list\.csv, record 2: "1\.5E\+9" is a number/],
    ['{"id":"a1"}\n\n{"id":"1.5E+9"}', /^list\.csv, line 3: "1\.5E\+9" is a number/],
    ['{"data":[{"id":"a1"}]}\n{"data":[{"id":"b2"},{"id":"1.5E+9"}]}', /^list\.csv, record 3: "1\.5E\+9" is a number/],
    ['[{"id":"a1"},[2]]', /^list\.csv, record 2: it is not an object\.$/],
    ['{"id":"a1"}\n"b2"', /^list\.csv, line 2: it is not an object\.$/],
    ['["a1",{"id":"b2"}]', /^list\.csv, record 1: it is not an object\.$/],
    ['["a1","b c"]', /^list\.csv, line 1: "b c" cannot be a recording id\.$/],
  ])('is refused for a record that names none, with its place: %s', async (text, message) => {
    await expect(failing(text)).rejects.toEqual(usage(message));
  });

  it('counts records through all pages', async () => {
    const { rows } = await readList('{"data":[{"id":"a1"},{"id":"b2"}]}\n{"data":null}\n{"data":[{"id":"c3"}]}');
    expect(rows.map(({ id, line }) => [id, line])).toEqual([
      ['a1', 1],
      ['b2', 2],
      ['c3', 3],
    ]);
  });

  it('says that a record is damaged, and hands over no more than its beginning', async () => {
    const bad: unknown[] = [];
    const damaged = `{"id":"b2",${'x'.repeat(2000)}}`;
    const text = `{"id":"a1"}\n${damaged}\n{"id":"c3"}`;
    const { rows, warnings } = await readList(text, { onBadRow: (raw, line, why) => bad.push([raw, line, why]) });
    expect(rows.map(({ id }) => id)).toEqual(['a1', 'c3']);
    expect(bad).toEqual([[damaged.slice(0, 1000), 2, 'list.csv, line 2: it cannot be read as JSON.']]);
    expect(warnings).toEqual(['list.csv, line 2: it cannot be read as JSON. The row is left out.']);
    await expect(opening(text)).rejects.toEqual(unreadable('what stands in line 2 is damaged'));
    // Where there is nothing else, there is nothing to go on with.
    await expect(opening('{"id":a1}', { onBadRow: () => {} })).rejects.toEqual(unreadable('what stands in line 1 is damaged'));
  });

  it.each<[what: string, value: unknown, ids: string[]]>([
    ['records of several answers with records in them', [1, 2].map((n) => ({ id: `a${n}`, legs: [{ id: `x${n}` }] })), ['a1', 'a2']],
    ['an answer that has two arrays with ids, and an id', { id: 'a1', x: [{ id: 'x1' }], y: [{ id: 'y1' }] }, ['a1']],
    ['the array in an answer that has one', { id: 'a1', legs: [{ id: 'x1' }], notes: [{ text: 'y' }] }, ['x1']],
  ])('is %s', async (_, value, ids) => {
    expect(await idsOf(JSON.stringify(value))).toEqual(ids);
    if (Array.isArray(value)) expect(await idsOf(lines(...value))).toEqual(ids);
  });

  it('has the ids in the one array whose objects, taken together, have the key', async () => {
    expect(await idsOf(lines({ data: [{ n: 1 }] }, { data: [{ n: 2, id: 'a1' }] }))).toEqual(['a1']);
  });

  it.each<[what: string, text: string, message: RegExp, hint?: RegExp, options?: { column: string }]>([
    ['nothing', ' [ ] ', /^list\.csv names no recordings: it is an empty JSON array\.$/, /^Check that what wrote it worked\.$/],
    ['an empty object', '{}', /it holds no array of objects\.$/, /jq -c/],
    ['an array that is empty', '{"n":1,"data":[]}', /its array "data" is empty\.$/, /^Check that what wrote it worked\.$/],
    ['two that are', '{"data":[],"more":[]}', /has no key "Recording ID" or "id", or more than one like it\. Its keys: "data", "more"\.$/],
    ['one that is, on several lines', '{"data":[]}\n{"data":[]}', /has no key "Recording ID" or "id"/],
    ['no id in any array', '{"a":[{"b":1}],"c":[{"d":1,"e":2}],"f":[{"g":1}]}', /Its keys: "d", "e"\.$/, /--column call\.recordingId/],
    [
      'no key that is named',
      '[{"id":"a1"}]',
      /has no key "rec", or more than one like it\. Its keys: "id"\.$/,
      /--column/,
      { column: 'rec' },
    ],
    [
      'several arrays with ids',
      '{"a":{"b":[{"id":"1"}]},"c":[{"id":"2"}]}',
      /has several arrays of objects with an id: "a\.b", "c"\.$/,
      /jq -c/,
    ],
  ])('is none where it holds %s', async (_, text, message, hint, options) => {
    await expect(opening(text, options)).rejects.toEqual(usage(message, hint));
    await expect(openList(streamOf(text, 1), options)).rejects.toEqual(usage(message, hint));
  });

  it('may have 5000 keys, and no more', async () => {
    const record = (keys: number) =>
      JSON.stringify([{ id: 'a1', ...Object.fromEntries(Array.from({ length: keys - 1 }, (_, n) => [`k${n}`, n])) }]);
    expect((await readList(record(5000))).header?.headers).toHaveLength(5000);
    await expect(opening(record(5001))).rejects.toEqual(unreadable('its records have more than 5000 keys'));
  });

  it('tells a key that its first records lack once, with its place', async () => {
    const first = Array.from({ length: 1000 }, (_, n) => ({ id: `id${n}` }));
    const late = [
      { id: 'x', more: 1 },
      { id: 'y', more: 2, again: 3 },
    ];
    const further = ' has a key that the first records do not have, ';
    expect((await readList(JSON.stringify([...first, ...late]))).notices).toEqual([
      `list.csv, record 1001${further}"more": it is no column.`,
      `list.csv, record 1002${further}"again": it is no column.`,
    ]);
    const { header, notices } = await readList(lines(...first, ...late));
    expect([header?.headers, notices.length]).toEqual([['id'], 2]);
    expect((await readList(JSON.stringify([...first.slice(1), ...late]))).header?.headers).toEqual(['id', 'more']);
  });

  it('keeps the header of an id that --column names, where it is written as CSV', async () => {
    const text = '[{"id":"x","call":{"rec":"a1"}}]';
    expect((await readList(text, { column: 'call.rec' })).header).toEqual({
      headers: ['id', 'call.rec'],
      raw: 'id,call.rec',
      delimiter: ',',
      idColumn: 1,
    });
    expect((await readList(text)).header?.raw).toBe('Recording ID,call.rec');
  });
});
