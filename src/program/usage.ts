import type { Command, CommanderError } from 'commander';
import { maskKeys } from '../credentials/key-form.ts';
import { type RecordingError, usageError } from '../errors.ts';

/** The names that people give a flag for the key. */
const KEY_FLAG = /^-{1,2}(?:api[-_]?)?(?:key|token|secret|password)$/i;

/**
 * commander's error as ours: its message in one sentence, its suggestion as the hint. A value that stands behind an unknown flag is not
 * repeated: it may be a key.
 */
export function commandLineError(
  { code, message }: CommanderError,
  { command, words }: { command: Command; words: readonly string[] },
): RecordingError {
  const [, what = '', suggestion] = /^(?:error: )?([\s\S]*?)(?:\n\((Did you mean .*)\))?$/.exec(message) ?? [];
  const page = `See \`${words.join(' ')} --help\`.`;
  const hint = suggestion === undefined ? page : `${suggestion} ${page}`;
  if (code !== 'commander.unknownOption') return usageError(sentence(what), hint);
  const [, typed = ''] = /'(.*)'$/s.exec(what) ?? [];
  const option = typed.replace(/^(--[\w-]+)=.*/s, '$1');
  if (KEY_FLAG.test(option)) {
    return usageError(
      'There is no flag for the API key: every user of this machine can read a command line.',
      'Run `kaleyra-rec auth login`, or set KALEYRA_API_KEY or KALEYRA_API_KEY_FILE.',
    );
  }
  const isKnown = option !== typed && command.options.some(({ long }) => long === option);
  if (isKnown) return usageError(`${option} takes no value.`, page);
  const isId = command.registeredArguments[0]?.name() === 'id' && !/^--[a-z][a-z-]*$/.test(option);
  const behind = `If it is a recording id, put -- in front of it: \`${words.join(' ')} -- ${maskKeys(option)}\`.`;
  return usageError(sentence(`unknown option '${option}'`), isId ? `${behind} ${page}` : hint);
}

/** What commander says in its own terms, and how a person would. */
const PLAINER: readonly [said: RegExp, plainer: string][] = [
  [/^option '(?:-\w, )?(--[\w-]+)[^']*' argument '([\s\S]*)' is invalid\. ?/, "'$2' is not a valid value for $1. "],
  [/^option '(?:-\w, )?(--[\w-]+) ([^']*)' argument missing$/, '$1 needs a value: $1 $2'],
  [/^command-argument value '([\s\S]*)' is invalid for argument '(\w+)'\. ?/, "'$1' is not a valid $2. "],
];

function sentence(text: string): string {
  const plainer = PLAINER.reduce((said, [from, to]) => said.replace(from, to), text);
  return maskKeys(plainer.charAt(0).toUpperCase() + plainer.slice(1).replace(/\.?$/, '.'));
}
