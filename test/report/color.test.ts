import { describe, expect, it } from 'vitest';
import { wantsColor } from '../../src/report/color.ts';

const terminal = { isTTY: true };
const pipe = {};

describe('whether a stream is coloured', () => {
  it.each<[string, { isTTY?: boolean }, Record<string, string>, boolean | undefined, boolean]>([
    ['a terminal is', terminal, {}, undefined, true],
    ['a pipe is not', pipe, {}, undefined, false],
    ['a terminal is not with --no-color', terminal, {}, false, false],
    ['a terminal is not with NO_COLOR', terminal, { NO_COLOR: '1' }, undefined, false],
    ['NO_COLOR counts whatever it is set to', terminal, { NO_COLOR: '0' }, undefined, false],
    ['an empty NO_COLOR does not count', terminal, { NO_COLOR: '' }, undefined, true],
    ['a dumb terminal is not', terminal, { TERM: 'dumb' }, undefined, false],
    ['another terminal is', terminal, { TERM: 'xterm-256color' }, undefined, true],
    ['a pipe is with FORCE_COLOR', pipe, { FORCE_COLOR: '1' }, undefined, true],
    ['FORCE_COLOR may be empty', pipe, { FORCE_COLOR: '' }, undefined, true],
    ['a dumb terminal is with FORCE_COLOR', terminal, { TERM: 'dumb', FORCE_COLOR: '1' }, undefined, true],
    ['a terminal is not with FORCE_COLOR=0', terminal, { FORCE_COLOR: '0' }, undefined, false],
    ['a terminal is not with FORCE_COLOR=false', terminal, { FORCE_COLOR: 'false' }, undefined, false],
    ['NO_COLOR wins over FORCE_COLOR', terminal, { NO_COLOR: '1', FORCE_COLOR: '1' }, undefined, false],
    ['--no-color wins over FORCE_COLOR', terminal, { FORCE_COLOR: '1' }, false, false],
  ])('%s', (_what, stream, env, flag, colored) => {
    expect(wantsColor(stream, env, flag)).toBe(colored);
  });
});
