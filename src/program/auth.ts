import type { AddCommand } from './add-command.ts';
import { declare, flag, optionsFrom } from './flags.ts';
import { examples } from './help.ts';
import { ACCOUNT, QUESTION, RESULTS } from './shared-flags.ts';

/** Adds `auth` and the commands below it. */
export const addAuth: AddCommand = (program, context, done) => {
  const auth = program
    .command('auth')
    .summary('store, show or delete your credentials')
    .description(
      'Store, show or delete your credentials. You can also set them in the environment: KALEYRA_SID, and KALEYRA_API_KEY or KALEYRA_API_KEY_FILE.',
    );
  for (const add of [addLogin, addStatus, addLogout]) add(auth, context, done);
};

/** How long somebody who has just logged in is to wait for the service's word on it, in milliseconds. */
const CHECK_MS = 10_000;

const LOGIN = { 'Login:': { apiKeyStdin: flag('--api-key-stdin', 'read the key from standard input') }, ...ACCOUNT, ...RESULTS };

const addLogin: AddCommand = (auth, context, done) => {
  const login = auth
    .command('login')
    .summary('store your SID and API key')
    .description('Store your SID and API key in a profile. Asks for the key without showing it, or reads it from standard input.')
    .action(async (given) => {
      const [{ runAuthLogin }, { credentialCheck }] = await Promise.all([
        import('../commands/auth.ts'),
        import('../commands/check-credentials.ts'),
      ]);
      const check = credentialCheck({ method: 'POST', timeoutMs: CHECK_MS }, context);
      done(await runAuthLogin(optionsFrom(given, LOGIN), context, check));
    });
  declare(login, LOGIN);
  examples(
    login,
    ['Type the SID and the key', 'kaleyra-rec auth login'],
    ['Store them under another name, for an account in India', 'kaleyra-rec auth login --profile night --region in'],
    ['Read the key from a file', 'kaleyra-rec auth login --sid HXIN1707324291IN --api-key-stdin < key.txt'],
  );
};

const STATUS = { 'Status:': { check: flag('--check', 'ask the service whether it accepts them') }, ...QUESTION, ...RESULTS };

const addStatus: AddCommand = (auth, context, done) => {
  const status = auth
    .command('status')
    .summary('show the credentials in use')
    .description(
      'Show the profile, SID and base URL in use, where each comes from, and the last characters of the key. Lists all stored profiles too, unless you name one.',
    )
    .action(async (given) => {
      const options = optionsFrom(given, STATUS);
      const [{ runAuthStatus }, { credentialCheck }] = await Promise.all([
        import('../commands/auth-status.ts'),
        import('../commands/check-credentials.ts'),
      ]);
      done(await runAuthStatus(options, context, credentialCheck(options, context)));
    });
  declare(status, STATUS);
  examples(
    status,
    ['Show what is set, without asking the service', 'kaleyra-rec auth status'],
    ['Ask the service; ends with exit code 3 if it refuses the key', 'kaleyra-rec auth status --check'],
    ['Show another profile', 'kaleyra-rec auth status --profile night --json'],
  );
};

const LOGOUT = { 'Account:': { profile: ACCOUNT['Account:'].profile }, ...RESULTS };

const addLogout: AddCommand = (auth, context, done) => {
  const logout = auth
    .command('logout')
    .summary('delete a stored profile')
    .description('Delete a stored profile.')
    .action(async (given) => {
      const { runAuthLogout } = await import('../commands/auth.ts');
      done(await runAuthLogout(optionsFrom(given, LOGOUT), context));
    });
  declare(logout, LOGOUT);
  examples(
    logout,
    ['Delete the default profile', 'kaleyra-rec auth logout'],
    ['Delete another one', 'kaleyra-rec auth logout --profile night'],
    ['Print what was deleted, as JSON', 'kaleyra-rec auth logout --json'],
  );
};
