import process from 'node:process';

/** What the file system's behaviour depends on. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  /** Whose files a process makes; undefined on Windows, which has no such number. */
  readonly uid: number | undefined;
}

/** The machine and the user that the tool runs on and as: the one place of this room that reads `process`. */
export const thisMachine: Machine = { platform: process.platform, uid: process.geteuid?.() };
