import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from './temp-folder.ts';

/**
 * Compiles C into a library that can be put before the system's own by LD_PRELOAD, so that a call fails as it does on disks that this machine
 * does not have. Undefined where that cannot be done: it takes Linux and a C compiler.
 */
export async function shim(code: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  const folder = await tempFolder();
  const library = join(folder, 'shim.so');
  writeFileSync(join(folder, 'shim.c'), `#define _GNU_SOURCE\n#include <errno.h>\n#include <string.h>\n#include <dlfcn.h>\n${code}`);
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-o', library, join(folder, 'shim.c'), '-ldl'], { stdio: 'ignore' });
    return library;
  } catch {
    return undefined;
  }
}
