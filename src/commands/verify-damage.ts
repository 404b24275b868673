import { shellWord } from '../disk/shell-word.ts';
import { RecordingError } from '../errors.ts';
import type { Finding } from '../events.ts';

/** What a check of an archive has found. */
export interface FoundDamage {
  /** How many of each; of damaged lines, how many lines. */
  counts: Record<Finding['status'], number>;
  /** The ids of the first few that a batch fetches again. */
  broken: string[];
  /** Whether any recording came from a report, whose columns the manifest keeps. */
  fromReport: boolean;
}

/** So many ids are written into a command, and no longer ones. */
export const MOST_IDS = 5;
const LONGEST_ID = 100;

/** The error of an archive that is not what its manifest says, `CONTENT_MISMATCH`; undefined where it is. */
export function damageError(
  found: FoundDamage,
  { dir, strict }: { dir: string; strict: boolean },
  platform: NodeJS.Platform,
): RecordingError | undefined {
  const { missing, short, changed, unreadable, link, shared, damaged, unrecorded, moved } = found.counts;
  const files = [
    ...told(missing, 'missing'),
    ...told(short, 'of another size'),
    ...told(changed, 'changed'),
    ...told(unreadable, 'unreadable'),
    ...told(link, link === 1 ? 'replaced by a link' : 'replaced by links'),
    ...told(shared, 'recorded for more than one id'),
    ...(strict ? told(unrecorded, 'that nobody recorded') : []),
  ];
  if (files.length === 0 && damaged === 0) return undefined;
  const lines = damaged === 1 ? '1 line of its manifest is damaged' : `${damaged} lines of its manifest are damaged`;
  const message =
    files.length === 0
      ? `${dir} cannot be verified completely: ${lines}.`
      : `${dir} does not hold what its manifest says: ${files.join(', ')}.${damaged > 0 ? ` And ${lines}.` : ''}`;
  const hints = [
    ...(missing + short + changed + shared > 0 ? [fetchAgain(found, dir, platform)] : []),
    ...(moved > 0 ? ['Files listed as moved only have to be renamed back.'] : []),
    ...(unreadable > 0 ? ['Change the permissions of what is unreadable, and verify again.'] : []),
    ...(link > 0 ? ['Replace each link with the file itself.'] : []),
    ...(damaged > 0 ? ['Run the batch that filled the archive again, to record what those lines said, and then delete them.'] : []),
    ...(strict && unrecorded > 0 ? ['Move away what nobody recorded, or leave --strict out.'] : []),
  ];
  return new RecordingError('CONTENT_MISMATCH', message, { hint: hints.join(' ') });
}

function told(count: number, what: string): string[] {
  return count > 0 ? [`${count} ${what}`] : [];
}

/**
 * The command that fetches again what is not whole. A few ids can stand in it; not those of a report, as its columns would be missing from
 * what is recorded.
 */
function fetchAgain({ broken, fromReport }: FoundDamage, dir: string, platform: NodeJS.Platform): string {
  const rest = `-d ${shellWord(dir)} --checksum`;
  if (
    !fromReport &&
    broken.length <= MOST_IDS &&
    platform !== 'win32' &&
    broken.every((id) => id.length <= LONGEST_ID && /^[\x20-\x7e]+$/.test(id))
  ) {
    return `To fetch again what is not whole, run \`printf '%s\\n' ${broken.map(shellWord).join(' ')} | kaleyra-rec batch - ${rest}\`.`;
  }
  const source = fromReport ? 'REPORT' : 'LIST';
  const name = fromReport ? 'the report' : 'the list';
  return `To fetch again what is not whole, run \`kaleyra-rec batch ${source} ${rest}\` with ${name} that the recordings came from.`;
}
