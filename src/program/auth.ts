import type { AddCommand } from './add-command.ts';
import { accountOptions, addAccountFlags, addJsonFlag, addServiceFlags, type Flags, given, serviceOptions } from './flags.ts';
import { examples } from './help.ts';

/** Adds `auth` and the commands below it. */
export const addAuth: AddCommand = (program, context, done) => {
  const auth = program
    .command('auth')
    .summary('store, show or delete the credentials')
    .description(
      'Store, show or delete the credentials. They can also be given in the environment: KALEYRA_SID, KALEYRA_API_KEY or KALEYRA_API_KEY_FILE.',
    );
  for (const add of [addLogin, addStatus, addLogout]) add(auth, context, done);
};

const addLogin: AddCommand = (auth, context, done) => {
  const login = auth
    .command('login')
    .description('Store SID and API key under a profile. The key is asked for without being shown, or read from standard input.')
    .optionsGroup('What:')
    .option('--api-key-stdin', 'read the key from standard input')
    .addHelpText(
      'after',
      examples(
        ['kaleyra-rec auth login', 'asks for SID and key'],
        ['kaleyra-rec auth login --profile night --region in', 'under another name, for India'],
        ['kaleyra-rec auth login --sid HXIN1707324291IN --api-key-stdin < key.txt', 'asks nothing'],
      ),
    )
    .action(async (flags: Flags) => {
      const { runAuthLogin } = await import('../commands/auth.ts');
      done(await runAuthLogin({ ...accountOptions(flags), apiKeyStdin: flags.apiKeyStdin === true, json: flags.json === true }, context));
    });
  addJsonFlag(addAccountFlags(login));
};

const addStatus: AddCommand = (auth, context, done) => {
  const status = auth
    .command('status')
    .description(
      'Show which profile, SID and base URL a run would use, where each comes from, and the last characters of the key; then all stored profiles, unless one is named.',
    )
    .optionsGroup('What:')
    .option('--check', 'ask the service whether it takes them')
    .addHelpText(
      'after',
      examples(
        ['kaleyra-rec auth status', 'asks nobody'],
        ['kaleyra-rec auth status --check', '3 when the key is refused'],
        ['kaleyra-rec auth status --profile night --json', 'another profile'],
      ),
    )
    .action(async (flags: Flags) => {
      const [{ runAuthStatus }, { credentialCheck }] = await Promise.all([
        import('../commands/auth-status.ts'),
        import('../commands/check-credentials.ts'),
      ]);
      const options = { ...accountOptions(flags), check: flags.check === true, json: flags.json === true };
      done(await runAuthStatus(options, context, credentialCheck(serviceOptions(flags), context)));
    });
  addJsonFlag(addServiceFlags(status));
};

const addLogout: AddCommand = (auth, context, done) => {
  const logout = auth
    .command('logout')
    .description('Delete a stored profile.')
    .optionsGroup('Account:')
    .option('--profile <name>', 'stored profile (KALEYRA_PROFILE, else default)')
    .addHelpText(
      'after',
      examples(
        ['kaleyra-rec auth logout', 'the default profile'],
        ['kaleyra-rec auth logout --profile night', 'another one'],
        ['kaleyra-rec auth logout --json', 'tells what was deleted, as JSON'],
      ),
    )
    .action(async (flags: Flags) => {
      const { runAuthLogout } = await import('../commands/auth.ts');
      done(await runAuthLogout({ ...given('profile', flags.profile as string | undefined), json: flags.json === true }, context));
    });
  addJsonFlag(logout);
};
