import { render } from 'preact';
import { App } from './app.tsx';

const root = document.getElementById('page');
// A script may read its own nonce, though no selector finds it.
const { nonce = '' } = document.querySelector('script') ?? {};
if (root !== null) render(<App archive={document.title} nonce={nonce} />, root);
