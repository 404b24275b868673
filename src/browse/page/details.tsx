import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, type Details as Found, type Row } from './api.ts';
import { bytesText, clockText, momentText, visible } from './format.ts';

/** What a look at a recording's file has shown. */
export type Verdict = 'whole' | 'changed' | 'missing';

/** What the manifest says of a recording, and what can be done with it. */
export function Details({
  details,
  checksNow,
  checks,
  verdict,
  onVerdict,
  onDownload,
  onClose,
}: {
  details: Found;
  /** Whether it is checked as soon as it is open. */
  checksNow: boolean;
  /** What has been found out of its file, if anything. */
  verdict: Verdict | undefined;
  onVerdict: (key: number, verdict: Verdict) => void;
  onDownload: () => void;
  checks: { current: (() => void) | undefined };
  onClose: () => void;
}) {
  const { line, key, path } = details;
  const [said, setSaid] = useState('');
  const shown = useRef(key);
  shown.current = key;
  const copy = async (what: string, text: string | null | undefined) => {
    if (!text) return;
    await navigator.clipboard.writeText(text).then(
      () => setSaid(`${what} copied.`),
      () => setSaid(`${what} could not be copied.`),
    );
  };
  const check = async () => {
    setSaid('Checking…');
    const found = await ask<{ result: Verdict }>(`check/${key}`).then(
      ({ result }) => {
        onVerdict(key, result);
        return RESULTS[result];
      },
      () => 'It could not be checked.',
    );
    if (shown.current === key) setSaid(found);
  };
  checks.current = line.file === null ? undefined : check;
  useEffect(() => {
    // what was said is of another recording
    setSaid('');
    if (checksNow) checks.current?.();
  }, [key, checksNow, checks]);
  const facts: [name: string, value: string][] = [
    ['Call', momentText(details.time, details.day)],
    ['Saved', line.status === 'saved' ? line.at : ''],
    ['Reason', line.error === null ? '' : `${line.error.message} ${line.error.hint}`],
    [
      'Incomplete',
      line.incomplete
        ? `Its own header announces ${bytesText(line.incomplete.announced)}; the store had ${bytesText(line.incomplete.bytes)}.`
        : '',
    ],
    ['Length', clockText(details.seconds)],
    ['Size', bytesText(line.bytes)],
    ['File', path ?? ''],
    ['SHA-256', line.sha256 ?? ''],
    ['Tries', String(line.attempts)],
    ['Account', line.account ?? ''],
    ['Type', line.contentType ?? ''],
    ['ETag', line.etag ?? ''],
    ...Object.entries(line.row ?? {}),
  ];
  return (
    <section class="details" aria-label="Details">
      <header>
        <h2>{visible(line.id)}</h2>
        <span class={`badge ${shownStatus(line.status, verdict)}`}>{shownStatus(line.status, verdict)}</span>
        <button type="button" class="close" onClick={onClose} aria-label="Close" title="Close (Esc)">
          ✕
        </button>
      </header>
      <div class="actions">
        <button type="button" onClick={check} disabled={line.file === null} title="Hash it now, and compare (c)">
          Check
        </button>
        <button type="button" onClick={onDownload} disabled={line.file === null || verdict === 'missing'} title="Download (d)">
          Download
        </button>
        <button type="button" onClick={() => copy('Id', line.id)}>
          Copy id
        </button>
        <button type="button" onClick={() => copy('Path', path)} disabled={path === null}>
          Copy path
        </button>
        <button type="button" onClick={() => copy('Hash', line.sha256)} disabled={line.sha256 === null}>
          Copy hash
        </button>
        <span role="status" class={`said ${said.split(':')[0]?.toLowerCase() ?? ''}`}>
          {said}
        </span>
      </div>
      <dl>
        {facts
          .filter(([, value]) => value !== '')
          .map(([name, value]) => (
            <div key={name}>
              <dt>{visible(name)}</dt>
              <dd>{visible(value)}</dd>
            </div>
          ))}
      </dl>
    </section>
  );
}

const RESULTS = {
  whole: 'Whole: its SHA-256 matches the manifest.',
  changed: 'Changed: its SHA-256 does not match the manifest.',
  missing: 'Missing: the file is not there.',
};

/** The status to show: a saved recording whose file is known to be missing or changed is not shown as one that is safe. */
export function shownStatus(status: Row['status'], verdict: Verdict | undefined): string {
  return status === 'saved' && verdict !== undefined && verdict !== 'whole' ? verdict : status;
}

/** Has the browser keep a recording's file. */
export function download(key: number): void {
  const link = document.createElement('a');
  link.href = `file/${key}`;
  link.download = '';
  link.click();
}
