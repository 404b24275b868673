import { ask } from './api.ts';
import { countText } from './format.ts';
import type { Results } from './use-rows.ts';
import type { Selection } from './use-selection.ts';

/** How many were found and are selected, and what can be done with them. */
export function Tools(props: {
  results: Results | undefined;
  selection: Selection;
  /** How many of the selected are not among what was found. */
  hidden: number;
  /** What the page has to say of the last thing that was done. */
  note: string;
  onPrint: () => void;
}) {
  const { results, selection, hidden, note } = props;
  const { size } = selection.keys;
  const status = results === undefined ? 'Reading the archive…' : `${countText(results.matched)} of ${countText(results.total)} recordings`;
  // Where the server is gone, or the archive, the browser would put a page of its own in the place of this one.
  const sendForm = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const [first] = selection.keys;
    await ask(`details/${first}`).then(
      () => form.submit(),
      () => undefined,
    );
  };
  return (
    <div class="bar-of-tools">
      <p role="status" class="count">
        {status}
        {size > 0 ? `, ${countText(size)} selected` : ''}
        {hidden > 0 ? `, ${countText(hidden)} of them not shown` : ''}
      </p>
      <p role="status" class="warning">
        {note}
      </p>
      {results !== undefined && results.unreadable > 0 && (
        <p class="warning">{countText(results.unreadable)} damaged lines in the manifest. Run `kaleyra-rec verify`.</p>
      )}
      {size > 0 && (
        <button type="button" onClick={selection.clear}>
          Clear selection
        </button>
      )}
      <form method="post" action="zip" onSubmit={sendForm}>
        <input type="hidden" name="keys" value={[...selection.keys].join(',')} />
        <button type="submit" disabled={size === 0}>
          Download selection as ZIP
        </button>
      </form>
      <button type="button" onClick={props.onPrint}>
        Print
      </button>
    </div>
  );
}
