import { isLoopback, linkExpiry } from '../http/secure-link.ts';
import type { ServiceTransport } from '../http/service.ts';
import type { Pace } from '../retry/pace.ts';
import { isRouteUnknown, parseRetryAfter, readLink } from './response.ts';

/** The minutes that a link stays valid where nobody asks for another time (the service's documentation). */
export const DEFAULT_VALIDITY_MINUTES = 5;

/** How the service is asked: POST as its sample shows, or GET as its heading says. */
export type Method = 'POST' | 'GET';

/** A link that whoever holds it can listen to the call with. A secret. */
export interface SignedLink {
  url: URL;
  validityMinutes: number;
  /** When it stops working, in milliseconds since 1970 UTC: as the link itself says, else counted from the moment it was asked for. */
  readonly expiresAt: number;
}

/** What to ask for. */
export interface LinkRequest {
  id: string;
  /** Whether the link is to be printed (JSON) or followed (301). */
  wants: 'link' | 'redirect';
  /** How long the link is to stay valid, in minutes; the service's own default where left out. */
  validityMinutes?: number | undefined;
  /** Which attempt it is, from 1 on; for the log. */
  attempt?: number | undefined;
  signal: AbortSignal;
}

/** Asks the service once for the link to a recording. Throws a RecordingError as `readLink` and the transport do. */
export type AskLink = (request: LinkRequest) => Promise<SignedLink>;

/**
 * The Call Recording Extraction API (https://developers.kaleyra.io, "Call Recording Extraction API"): `POST <base>/<SID>/voice/recordings`
 * with the id in the query and in the form. Where the service does not know that method or route, the same call is made once more by the
 * other method, which is kept for the rest of the run if the service knows it. Each request passes the gate first.
 */
export function recordingsClient(options: {
  baseUrl: URL;
  sid: string;
  transport: ServiceTransport;
  pace: Pace;
  now: () => number;
  method?: Method;
  /** Masks the secrets of the run in what the service says; see `readLink`. */
  redact?: (text: string) => string;
}): AskLink {
  const { baseUrl, sid, transport, pace, now, redact } = options;
  const endpoint = `${baseUrl.href.replace(/\/+$/, '')}/${encodeURIComponent(sid)}/voice/recordings`;
  const answered = { url: new URL(endpoint), localAllowed: isLoopback(baseUrl.hostname), redact };
  let method: Method = options.method ?? 'POST';

  return async ({ id, wants, validityMinutes, attempt, signal }) => {
    const identity = `id=${encodeURIComponent(id)}`;
    const form = [
      identity,
      ...(validityMinutes === undefined ? [] : [`validity=${validityMinutes}`]),
      `download=${wants === 'redirect' ? 1 : 0}`,
    ].join('&');
    let askedAt = 0;
    const send = async (how: Method) => {
      await pace.enter(signal);
      askedAt = now();
      return how === 'POST'
        ? transport({ method: how, url: new URL(`${endpoint}?${identity}`), form, attempt, signal })
        : transport({ method: how, url: new URL(`${endpoint}?${form}`), attempt, signal });
    };
    const asked = method;
    let answer = await send(asked);
    if (isRouteUnknown(answer)) {
      const other = asked === 'POST' ? 'GET' : 'POST';
      answer = await send(other);
      // A service that is in trouble says nothing of what it knows.
      if (answer.status < 429 && answer.status !== 408 && !isRouteUnknown(answer)) method = other;
    }
    const url = readLink({ ...answer, retryAfterMs: parseRetryAfter(answer.retryAfter, now()) }, { ...answered, wants });
    pace.answered();
    const minutes = validityMinutes ?? DEFAULT_VALIDITY_MINUTES;
    return {
      url,
      validityMinutes: minutes,
      // Read when it is asked for, which a download does not.
      get expiresAt() {
        return linkExpiry(url) ?? askedAt + minutes * 60_000;
      },
    };
  };
}
