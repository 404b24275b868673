/** A recording as a row of the table. */
export interface Row {
  key: number;
  day: string;
  /** Milliseconds since 1970 UTC. */
  time?: number;
  id: string;
  status: 'saved' | 'gone' | 'failed';
  file: string | null;
  bytes: number | null;
  /** How long it plays, where the file tells. */
  seconds?: number;
  row?: Record<string, string>;
  /** Why it is not saved. */
  reason?: string;
  /** Set where the file's own header announces more than is there. */
  incomplete?: { announced: number; bytes: number };
}

/** A part of what was found. */
export interface Rows {
  version: number;
  total: number;
  matched: number;
  columns: string[];
  days: [day: string, count: number][];
  unreadable: number;
  offset: number;
  rows: Row[];
}

/** All that is known of one recording. */
export interface Details {
  key: number;
  day: string;
  time?: number;
  line: {
    id: string;
    status: Row['status'];
    file: string | null;
    bytes: number | null;
    sha256: string | null;
    contentType: string | null;
    etag: string | null;
    attempts: number;
    at: string;
    account?: string;
    unconfirmed?: string;
    incomplete?: { announced: number; bytes: number };
    error: { code: string; message: string; hint: string } | null;
    row?: Record<string, string>;
  };
  seconds?: number;
  size?: number;
  path: string | null;
  /** What it is, where no browser plays it. */
  cannotPlay?: string;
}

/** What the search is for, as it stands in the address. */
export interface Query {
  q: string;
  from: string;
  until: string;
  status: string;
  sort: string;
  order: 'ascending' | 'descending';
}

/** How many rows are asked for at once. */
export const PAGE_ROWS = 100;

/** Why requests fail: the server is `gone`, or what it is to read is `unread`. */
export type Trouble = 'gone' | 'unread';

/** Is told how the latest request went. */
type Listener = (now: Trouble | undefined, path: string) => void;
let tell: Listener = () => undefined;

/** Has a listener told from now on of each request's path, and the trouble that it met. */
export function onAnswer(listener: Listener): void {
  tell = listener;
}

/** Asks for data. Rejects where the server is gone, or says no. */
export async function ask<Answer>(path: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(path, init).catch((error: unknown) => {
    if (!init?.signal?.aborted) tell('gone', path);
    throw error;
  });
  // A server that was started anew knows another secret.
  tell(response.status === 403 ? 'gone' : response.status >= 500 ? 'unread' : undefined, path);
  if (!response.ok) throw new Error(`The page's server answered ${response.status}.`);
  return response.json() as Promise<Answer>;
}

/** A search as a query string; what is empty is left out. */
export function parametersOf(query: Query): URLSearchParams {
  return new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''));
}

/** Asks for the rows of a search from the `offset`th on (from 0), at most a page of them. Throws as `ask` does. */
export function askRows(query: Query, offset: number, signal?: AbortSignal): Promise<Rows> {
  const parameters = parametersOf(query);
  parameters.set('offset', String(offset));
  parameters.set('limit', String(PAGE_ROWS));
  return ask(`rows?${parameters}`, signal && { signal });
}
