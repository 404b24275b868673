import { useEffect, useRef } from 'preact/hooks';

const KEYS: [keys: string, does: string][] = [
  ['/', 'Search'],
  ['↓ Enter', 'In the search box: to the first recording'],
  ['↑ ↓ k j', 'The recording above or below'],
  ['PgUp PgDn', 'Twenty recordings up or down'],
  ['Home End', 'The first or the last one'],
  ['Enter', 'Open it'],
  ['Space', 'Play or pause'],
  ['← →', 'Back or ahead by 5 seconds'],
  ['n p', 'Play the next or the previous one'],
  ['[ ]', 'Slower or faster'],
  ['x', 'Select it, or not'],
  ['c', 'Check it against the manifest'],
  ['d', 'Download it'],
  ['Esc', 'Leave the search box, or close the columns or what is open'],
  ['?', 'These keys'],
];

/** The keys that the page knows, in a dialog. */
export function Keys({ open, onClose }: { open: boolean; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog ref={dialog} aria-labelledby="keys-title" onClose={onClose}>
      <h2 id="keys-title">Keys</h2>
      <dl>
        {KEYS.map(([keys, does]) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <button type="button" onClick={onClose}>
        Close
      </button>
    </dialog>
  );
}
