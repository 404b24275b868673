import type { Command } from 'commander';
import type { CommandContext } from '../commands/context.ts';

/** Adds a command to the program: its names, flags and help, and an action that loads and runs it and hands its exit code to `done`. */
export type AddCommand = (program: Command, context: CommandContext, done: (exitCode: number) => void) => void;
