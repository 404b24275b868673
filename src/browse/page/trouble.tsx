import { useEffect, useState } from 'preact/hooks';
import { type Trouble as Kind, onAnswer } from './api.ts';

const TROUBLES: Readonly<Record<Kind, string>> = {
  gone: 'kaleyra-rec browse has ended, or cannot be reached. Start it again and open the new address.',
  unread: 'The recording could not be read. Try again.',
};

/** Says why requests fail, as long as they do. */
export function Trouble() {
  const [trouble, setTrouble] = useState<Kind>();
  useEffect(() => {
    // That the server still answers does not say that a recording can be read again.
    onAnswer((now, path) => setTrouble((before) => (before === 'unread' && path === 'version' ? (now ?? before) : now)));
  }, []);
  return trouble === undefined ? null : (
    <p class="trouble" role="alert">
      {TROUBLES[trouble]}
    </p>
  );
}
