import type { Credentials } from '../credentials/resolve.ts';
import { RecordingError } from '../errors.ts';
import type { CheckCredentials, CredentialCheck } from './auth-status.ts';
import type { CommandContext } from './context.ts';
import type { ServiceOptions } from './service-options.ts';

/** An id that no recording has: whether the service calls it invalid, or refuses the key, is what is to be found out. */
const HARMLESS_ID = 'kaleyra-rec-credential-check';

/**
 * Asks the service for a recording that does not exist. An answer about the id shows that it takes the credentials; a 401 that it does not
 * know them; a 403 that it does not let them in, as from an address that is not on the key's allow-list.
 */
export function credentialCheck(options: Pick<ServiceOptions, 'method' | 'timeoutMs'>, context: CommandContext): CheckCredentials {
  return async (credentials) => {
    const [{ proxySecrets }, { refuseUncheckedTls, routeChooser }, { serviceTransport }, { recordingsClient }, { createPace }] =
      await Promise.all([
        import('../http/proxy-secrets.ts'),
        import('../http/agents.ts'),
        import('../http/service.ts'),
        import('../recordings/client.ts'),
        import('../retry/pace.ts'),
      ]);
    refuseUncheckedTls(credentials.baseUrl, context.system.env);
    for (const secret of proxySecrets(context.system.env)) context.redactor.addSecret(secret);
    let status = 0;
    const transport = serviceTransport({ ...credentials, timeoutMs: options.timeoutMs, chooseRoute: routeChooser(context.system.env) });
    const ask = recordingsClient({
      ...credentials,
      method: options.method,
      transport: async (request) => {
        const answer = await transport(request);
        status = answer.status;
        return answer;
      },
      pace: createPace(context.system),
      now: context.system.now,
      redact: context.redactor.redact,
    });
    try {
      await ask({ id: HARMLESS_ID, wants: 'link', signal: context.signal });
      return fine(credentials);
    } catch (error) {
      context.signal.throwIfAborted();
      return judge(error, status, credentials);
    }
  };
}

function judge(error: unknown, status: number, credentials: Credentials): CredentialCheck {
  if (!(error instanceof RecordingError)) throw error;
  switch (error.code) {
    case 'RECORDING_NOT_FOUND':
    case 'RECORDING_EXPIRED':
      return fine(credentials);
    case 'CREDENTIALS_REJECTED':
      return { outcome: status === 403 ? 'forbidden' : 'rejected', message: error.message };
    default:
      return { outcome: 'unreachable', message: error.message, error };
  }
}

function fine({ baseUrl }: Credentials): CredentialCheck {
  return { outcome: 'fine', message: `${baseUrl.host} accepts these credentials.` };
}
