import { describe, expect, it } from 'vitest';
import { RecordingError } from '../../src/errors.ts';
import { windowsCommand } from '../../src/sandbox/windows-command.ts';

const NPM = 'C:\\Users\\a b\\AppData\\Roaming\\npm';
const SHIM = [
  '@ECHO off',
  'IF EXIST "%dp0%\\node.exe" (',
  '  SET "_prog=%dp0%\\node.exe"',
  ')',
  'endLocal & goto #_undefined_# 2>NUL || title %COMSPEC% & "%_prog%"  "%dp0%\\node_modules\\kaleyra-rec\\bin\\kaleyra-rec.js" %*',
].join('\r\n');
const SCRIPT = `${NPM}\\node_modules\\kaleyra-rec\\bin\\kaleyra-rec.js`;

/** A disk with some files, on which upper and lower case are the same. */
function disk(files: Record<string, string>) {
  const known = new Map(Object.entries(files).map(([file, text]) => [file.toLowerCase(), text]));
  return { isFile: (file: string) => known.has(file.toLowerCase()), read: (file: string) => known.get(file.toLowerCase()) ?? '' };
}

const files = disk({
  'C:\\node\\node.exe': '',
  [`${NPM}\\kaleyra-rec.cmd`]: SHIM,
  [SCRIPT]: '',
  'C:\\tools\\build.bat': '@echo %*',
  'C:\\tools\\both.exe': '',
  'C:\\tools\\both.cmd': '',
  'planted.cmd': 'calc',
});
const env = { Path: `C:\\node;"C:\\tools";.;;${NPM}`, PATHEXT: '.COM;.EXE;.BAT;.CMD', ComSpec: 'C:\\Windows\\cmd.exe' };
const start = (command: string, ...args: string[]) => windowsCommand(command, args, env, files);

describe('a command on Windows', () => {
  it('that is a program is started as it is, its arguments left for spawn to quote', () => {
    expect(start('node', '-e', 'a "b" %PATH% & c')).toEqual({
      file: 'C:\\node\\node.exe',
      args: ['-e', 'a "b" %PATH% & c'],
      verbatim: false,
    });
    expect(start('NODE.EXE')?.file).toBe('C:\\node\\NODE.EXE');
    expect(start('both')?.file).toBe('C:\\tools\\both.exe');
  });

  it('that npm installed is started by Node, with any argument whole', () => {
    const args = ['link', '1a2b+/==', 'a&b|c^d%PATH%!e"f', ''];
    expect(start('kaleyra-rec', ...args)).toEqual({ file: 'C:\\node\\node.exe', args: [SCRIPT, ...args], verbatim: false });
    expect(start(`${NPM}\\kaleyra-rec.cmd`, 'x')?.args).toEqual([SCRIPT, 'x']);
  });

  it('that npm installed is started by the Node beside it, as its script does', () => {
    const both = disk({ 'C:\\node\\node.exe': '', [`${NPM}\\node.exe`]: '', [`${NPM}\\kaleyra-rec.cmd`]: SHIM, [SCRIPT]: '' });
    expect(windowsCommand('kaleyra-rec', [], env, both)?.file).toBe(`${NPM}\\node.exe`);
  });

  it('that is a batch file goes through cmd.exe, each word in quotes', () => {
    expect(start('build', 'a b', 'c&d', 'C:\\e\\')).toEqual({
      file: 'C:\\Windows\\cmd.exe',
      args: ['/d', '/v:off', '/s', '/c', '""C:\\tools\\build.bat" "a b" "c&d" "C:\\e\\\\""'],
      verbatim: true,
    });
  });

  it.each(['a" & calc', '%PATH%', 'a\nb', 'a\rb'])('that is a batch file is not given %j, which it would obey', (argument) => {
    expect(() => start('build', argument)).toThrow(RecordingError);
    expect(() => start('build', argument)).toThrow(/batch file/);
  });

  it('is never taken from the current folder, unless that is named', () => {
    expect(start('planted')).toBeUndefined();
    expect(start('.\\planted')?.verbatim).toBe(true);
  });

  it('that is nowhere is not found', () => {
    expect(start('no-such-command')).toBeUndefined();
    expect(windowsCommand('node', [], {}, files)).toBeUndefined();
  });
});
