import { isBucketAddress } from '../archive/bucket/address.ts';
import { shellWord } from '../disk/shell-word.ts';
import { RecordingError } from '../errors.ts';
import type { Finding } from '../events.ts';

/** What a check of an archive has found. */
export interface FoundDamage {
  /** How many of each; of damaged lines, how many lines. */
  counts: Record<Finding['status'], number>;
  /** How many of them a repair could not fetch for good: the service has them no more, or not as they were. */
  lost: number;
}

/** How the check was asked for. */
export interface CheckOptions {
  dir: string;
  strict: boolean;
  repair: boolean;
  dryRun: boolean;
  /** Read every object of a bucket. */
  checksum: boolean;
}

/** The error of an archive that is not what its manifest says, `CONTENT_MISMATCH`; undefined where it is. */
export function damageError(found: FoundDamage, options: CheckOptions): RecordingError | undefined {
  const { dir, strict } = options;
  const { missing, short, changed, unreadable, link, shared, damaged, unrecorded, moved } = found.counts;
  const files = [
    ...told(missing, 'missing'),
    ...told(short, 'of another size'),
    ...told(changed, 'changed'),
    ...told(unreadable, 'unreadable'),
    ...told(link, link === 1 ? 'replaced by a link' : 'replaced by links'),
    ...told(shared, 'recorded for more than one id'),
    ...(strict ? told(unrecorded, 'not in the manifest') : []),
  ];
  if (files.length === 0 && damaged === 0) return undefined;
  const lines = damaged === 1 ? '1 line of its manifest is damaged' : `${damaged} lines of its manifest are damaged`;
  const message =
    files.length === 0
      ? `${dir} cannot be verified completely: ${lines}.`
      : `${dir} does not hold what its manifest says: ${files.join(', ')}.${damaged > 0 ? ` And ${lines}.` : ''}`;
  const hints = [
    ...(missing + short + changed > 0 ? [fetchAgain(missing + short + changed, found.lost, options)] : []),
    ...(shared > 0 ? [`For files recorded more than once, run the batch that filled the archive again, with --checksum.`] : []),
    ...(moved > 0 ? ['Files listed as moved only have to be renamed back.'] : []),
    ...(unreadable > 0
      ? [
          `Change the permissions of what is unreadable${isBucketAddress(dir) ? ', or restore it from its archive class' : ''}, and verify again.`,
        ]
      : []),
    ...(link > 0 ? ['Replace each link with the file itself.'] : []),
    ...(damaged > 0
      ? ['Run the batch that filled the archive again: it records anew what those lines said. Then delete them from the manifest.']
      : []),
    ...(strict && unrecorded > 0 ? ['Move those files elsewhere, or leave --strict out.'] : []),
  ];
  return new RecordingError('CONTENT_MISMATCH', message, { hint: hints.join(' ') });
}

function told(count: number, what: string): string[] {
  return count > 0 ? [`${count} ${what}`] : [];
}

/** How what is not whole is fetched again. */
function fetchAgain(broken: number, lost: number, { dir, repair, dryRun }: CheckOptions): string {
  if (!repair) return `To download damaged or missing files again, run \`kaleyra-rec verify ${shellWord(dir)} --repair\`.`;
  if (dryRun) return 'To fetch it again, run the same command without --dry-run.';
  if (lost === 0) return 'The reasons are given above. If they may pass, run the same command again later.';
  if (lost < broken) {
    const restore = `The service no longer has ${lost} of them as recorded: restore ${lost === 1 ? 'that one' : 'those'} from a backup.`;
    return `${restore} Run the same command again later for the others, if the reasons given above may pass.`;
  }
  const them = lost === 1 ? 'it' : 'them';
  return `The service no longer has ${them} as recorded: restore ${them} from a backup.`;
}
