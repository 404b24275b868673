/** An object as a listing of the bucket has it. */
export interface ListedObject {
  key: string;
  bytes: number;
}

/** What the store says of an object. */
export interface ObjectHead {
  bytes: number;
  etag: string | undefined;
  contentType: string | undefined;
  /** As it was given, names in lower case. */
  metadata: Readonly<Record<string, string>>;
  /** The store's SHA-256 in base64: of the object, or of its parts' (`…-<parts>`); undefined where it keeps none. */
  checksum: string | undefined;
}

/** What goes along with an object. */
export interface ObjectDetails {
  contentType?: string;
  metadata?: Readonly<Record<string, string>>;
  /** Whether it is a recording, whose storage class can be chosen. */
  isRecording?: boolean;
}

/** An object that is there now. */
export interface StoredObject {
  etag: string | undefined;
  checksum: string | undefined;
}

/** An upload in parts that has no object yet. */
export interface Upload {
  key: string;
  id: string;
}

/** A part of an upload that the store has. */
export interface UploadedPart {
  PartNumber: number;
  ETag: string | undefined;
  ChecksumSHA256: string;
}

/** What may stand under a key already: nothing (`absent`), an object with this ETag, or anything. */
export type Over = 'absent' | 'anything' | { etag: string };
