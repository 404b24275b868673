import { Chalk } from 'chalk';
import type { Paint } from './color.ts';

/** Colours that every terminal has. Whether they are wanted is for the caller to know: chalk is not asked. */
export function chalkPaint(): Paint {
  const { green, yellow, red, dim } = new Chalk({ level: 1 });
  return { good: green, warn: yellow, bad: red, faint: dim };
}
