import type { Machine } from '../../disk/machine.ts';
import type { SavedRecording } from '../../events.ts';
import type { Clock } from '../../system.ts';
import type { HeldFolder } from './held-folder.ts';

/** Where a proven recording goes. */
export interface FinalPlace {
  /** The final path. */
  path: string;
  /** Whether a file that stands there is replaced; if not, it is an error (`FILE_EXISTS`). */
  replace: boolean;
  /** The folder of the path, held open until the recording lies in it. */
  held?: HeldFolder | undefined;
}

/** What a part file needs. */
export interface PartFileOptions {
  /** The part file's own path. It lies in the folder of the final file or in one above, so that the last step is a rename. */
  path: string;
  /** The id of the recording, so that bytes of another one under the same path are not taken up. */
  id: string;
  /** Says, once the extension is known, where the recording goes. May throw a RecordingError. */
  place: (proven: { extension: string; sha256: string }) => Promise<FinalPlace>;
  /** Makes a rename in this folder safe against a crash; see `syncFolder`. */
  syncFolder: (folder: string) => Promise<void>;
  /** Records the recording once it bears its name; left out where nothing is recorded. */
  record?: (recording: SavedRecording) => Promise<void>;
  /** Called once, when the part is no longer needed. */
  onClose?: () => Promise<void>;
  /** A clock in milliseconds that never goes back. */
  elapsed: () => number;
  /** Waits between the tries to give the file its name, where something holds it. */
  sleep?: Clock['sleep'];
  machine?: Machine;
}
