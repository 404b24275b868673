import { readFileSync, statSync } from 'node:fs';
import { win32 as path } from 'node:path';
import { usageError } from '../errors.ts';
import type { System } from '../system.ts';

/** What `spawn` is to be given to start a command on Windows. */
export interface WindowsCommand {
  file: string;
  args: readonly string[];
  /** Whether the arguments are quoted already (`windowsVerbatimArguments`). */
  verbatim: boolean;
}

/** What is looked at on the disk; tests pass another. */
export interface WindowsFiles {
  isFile(file: string): boolean;
  read(file: string): string;
}

const realFiles: WindowsFiles = {
  isFile: (file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true,
  read: (file) => readFileSync(file, 'utf8'),
};

/** Where Windows has no `PATHEXT`; those that can be started are all in it. */
const EXTENSIONS = '.COM;.EXE;.BAT;.CMD';

/**
 * How to start a command on Windows without a shell between that would read the arguments once more. A program is started as it is. What npm
 * installs is a script for cmd.exe that starts Node with a file: Node is started with that file. Any other batch file goes through cmd.exe, which
 * takes what stands in quotes as it is, save `"`, `%` and line breaks: an argument with one of those is refused.
 *
 * A name without a folder is looked for on the `PATH`, with the extensions of `PATHEXT`, and never in the current folder, where anybody may have
 * put a file of that name.
 *
 * @returns undefined where there is no such command
 * @throws RecordingError `USAGE` for an argument that a batch file would obey
 */
export function windowsCommand(
  command: string,
  args: readonly string[],
  env: System['env'],
  files: WindowsFiles = realFiles,
): WindowsCommand | undefined {
  const found = find(command, env, files);
  if (found === undefined) return undefined;
  if (!/\.(?:cmd|bat)$/i.test(found)) return { file: found, args, verbatim: false };
  const script = npmScript(found, files);
  const node = script && find('node', withFirst(path.dirname(found), env), files);
  if (script !== undefined && node !== undefined) return { file: node, args: [script, ...args], verbatim: false };
  if ([found, ...args].some((word) => /["%\r\n\0]/.test(word))) {
    throw usageError(
      `${command} is a batch file, which would not get an argument with a quotation mark, a percent sign or a line break as it is.`,
      'Name the program that the batch file starts, with its own arguments.',
    );
  }
  const line = [found, ...args].map((word) => `"${word.replace(/\\+$/, '$&$&')}"`).join(' ');
  return { file: variable(env, 'ComSpec') ?? 'cmd.exe', args: ['/d', '/v:off', '/s', '/c', `"${line}"`], verbatim: true };
}

/** The file that a command's name means. */
function find(command: string, env: System['env'], { isFile }: WindowsFiles): string | undefined {
  const hasFolder = /[\\/]/.test(command) || /^[a-z]:/i.test(command);
  const folders = hasFolder ? [''] : (variable(env, 'PATH') ?? '').split(';').map((folder) => folder.replace(/^"(.*)"$/, '$1'));
  const extensions = (variable(env, 'PATHEXT') ?? EXTENSIONS).split(';').filter((extension) => extension !== '');
  const isWhole = extensions.some((extension) => command.toLowerCase().endsWith(extension.toLowerCase()));
  for (const folder of folders) {
    // A part of the PATH that is relative means the current folder.
    if (!hasFolder && !path.isAbsolute(folder)) continue;
    const named = hasFolder ? path.normalize(command) : path.join(folder, command);
    for (const file of isWhole ? [named] : extensions.map((extension) => named + extension.toLowerCase())) if (isFile(file)) return file;
  }
  return undefined;
}

/** The JavaScript file that a script of npm's (its package `cmd-shim`) starts; undefined for any other batch file. */
function npmScript(file: string, { isFile, read }: WindowsFiles): string | undefined {
  const [, below] = /"%(?:~dp0|dp0%)\\?([^"%]+\.[cm]?js)"\s+%\*/i.exec(read(file).slice(0, 8192)) ?? [];
  const script = below && path.join(path.dirname(file), below);
  return script !== undefined && isFile(script) ? script : undefined;
}

/** On Windows the case of a variable's name does not count. */
function variable(env: System['env'], name: string): string | undefined {
  const key = Object.keys(env).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : env[key] || undefined;
}

/** The environment with a folder in front of its path: npm's script prefers the Node beside it. */
function withFirst(folder: string, env: System['env']): System['env'] {
  return { PATHEXT: variable(env, 'PATHEXT'), PATH: `${folder};${variable(env, 'PATH') ?? ''}` };
}
