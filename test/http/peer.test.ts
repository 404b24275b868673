import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { interruptedError, RecordingError } from '../../src/errors.ts';
import { awaitResponse, type Peer, timeoutError, transportError } from '../../src/http/peer.ts';

const peer: Peer = { name: 'The service', host: 'api.kaleyra.io' };

function coded(code: string): Error {
  return Object.assign(new Error('connect to /secret?key=1'), { code });
}

describe('transportError', () => {
  test.each([
    ['ENOTFOUND', 'NETWORK', true, 'cannot be found'],
    ['EAI_AGAIN', 'NETWORK', true, 'cannot be found'],
    ['ECONNREFUSED', 'NETWORK', true, 'refused the connection'],
    ['ECONNRESET', 'NETWORK', true, 'The connection to the service (api.kaleyra.io) broke (ECONNRESET)'],
    ['EPIPE', 'NETWORK', true, 'broke (EPIPE)'],
    ['EHOSTUNREACH', 'NETWORK', true, 'broke (EHOSTUNREACH)'],
    ['ENETUNREACH', 'NETWORK', true, 'broke (ENETUNREACH)'],
    ['ERR_STREAM_PREMATURE_CLOSE', 'NETWORK', true, 'broke'],
    ['ETIMEDOUT', 'TIMEOUT', true, 'did not take the connection in time'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'NETWORK', false, 'not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'NETWORK', false, 'not trusted'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'NETWORK', false, 'not trusted'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'NETWORK', false, 'not trusted'],
    ['CERT_HAS_EXPIRED', 'NETWORK', false, 'not trusted'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'NETWORK', false, 'not trusted'],
    ['HOSTNAME_MISMATCH', 'NETWORK', false, 'not trusted'],
    ['HPE_INVALID_CONSTANT', 'UNEXPECTED_RESPONSE', true, 'does not answer as an HTTP server should (HPE_INVALID_CONSTANT)'],
    ['EPROTO', 'UNEXPECTED_RESPONSE', true, 'does not answer as an HTTP server should'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'UNEXPECTED_RESPONSE', true, 'does not answer as an HTTP server should'],
  ])('reads %s as %s, retryable %s', (code, expected, retryable, message) => {
    const cause = coded(code);
    const error = transportError(cause, peer);
    expect(error).toMatchObject({ code: expected, retryable, cause });
    expect(error.message).toContain(message);
    expect(error.message).toContain('api.kaleyra.io');
    expect(`${error.message} ${error.hint}`).not.toContain('secret');
  });

  test.each([undefined, null, 'text', new Error('without a code'), { code: 5 }])('takes %o for a broken connection', (thrown) => {
    const error = transportError(thrown, { name: 'The store', host: 'h' });
    expect(error).toMatchObject({ code: 'NETWORK', message: 'The connection to the store (h) broke.' });
  });

  test.each(['ENOTFOUND', 'ECONNREFUSED', 'ERR_TLS_CERT_ALTNAME_INVALID', 'HPE_INVALID_CONSTANT'])(
    'names for %s of the store no setting that says where the service is',
    (code) => {
      expect(transportError(coded(code), peer).hint).toContain('--base-url');
      const { hint } = transportError(coded(code), { name: 'The store', host: 'h' });
      expect(hint).not.toContain('--base-url');
      expect(hint).toMatch(/firewall|proxy/);
    },
  );

  test('hands an error of ours back as it came, wrapped or not', () => {
    const ours = timeoutError(peer, 1500, 'has sent nothing');
    expect(transportError(ours, peer)).toBe(ours);
    expect(transportError(new Error('wrapped', { cause: ours }), peer)).toBe(ours);
    expect(ours).toMatchObject({ code: 'TIMEOUT', message: 'The service (api.kaleyra.io) has sent nothing for 1.5 s.' });
  });
});

class FakeRequest extends EventEmitter {
  destroyed = false;

  destroy(): this {
    this.destroyed = true;
    return this;
  }
}

describe('awaitResponse', () => {
  test('cuts a body under way when the signal is aborted, until the answer is released', async () => {
    for (const released of [false, true]) {
      const request = new FakeRequest();
      const stop = new AbortController();
      const waiting = awaitResponse(request, peer, 60_000, stop.signal);
      request.emit('response', {} as IncomingMessage);
      const { release } = await waiting;
      if (released) release();
      stop.abort(interruptedError('SIGINT'));
      expect(request.destroyed).toBe(!released);
      release();
    }
  });

  test('destroys a request whose signal was aborted before', async () => {
    const request = new FakeRequest();
    const reason = new RecordingError('LOCKED', 'Lost.', { hint: 'Wait.' });
    await expect(awaitResponse(request, peer, 60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(request.destroyed).toBe(true);
  });

  test('bears an error that comes after the answer', async () => {
    const request = new FakeRequest();
    const waiting = awaitResponse(request, peer, 60_000, new AbortController().signal);
    request.emit('response', {} as IncomingMessage);
    const { release } = await waiting;
    expect(() => request.emit('error', coded('ECONNRESET'))).not.toThrow();
    release();
  });
});
