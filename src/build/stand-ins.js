// @ts-check
import { fileURLToPath } from 'node:url';

/**
 * Heavy packages that a library imports for an option that this tool never sets, each with the file that takes its place in the bundle. A
 * stand-in has the exports that the library imports (the build fails where one is missing) and throws when it is used. All else is bundled
 * as it was published, so that what is shipped is what the tests ran.
 *
 * | package | of | why it is not used |
 * | --- | --- | --- |
 * | http2-wrapper | got | `http2` is off; importing it makes a TLS context |
 * | cacheable-request | got | `cache` is off |
 * | cacheable-lookup | got | `dnsCache` is off |
 * | ajv, ajv-formats | conf | no `schema`; conf imports both together |
 * | semver | conf | no `migrations` |
 * | env-paths | conf | its folder is always named; it asks for the home folder as it is loaded, and throws where a container's user has none |
 * | debug | proxy agents, file-type | it would print proxies' passwords past the redactor, and names in archives, where DEBUG is set |
 * | @smithy/core/event-streams | AWS SDK | no request of ours is answered by a stream of events |
 * | @aws-sdk/checksums/… | AWS SDK | each request of ours names the SHA-256 of its body itself |
 * | proxy-agent-negotiate | proxy agents | `negotiate` is off; its package holds no licence text, so that it cannot be shipped |
 */
const STAND_INS = new Map(
  Object.entries({
    'http2-wrapper': 'http2-wrapper.js',
    'cacheable-request': 'cacheable-request.js',
    'cacheable-lookup': 'cacheable-lookup.js',
    'ajv/dist/2020.js': 'ajv.js',
    'ajv-formats': 'ajv-formats.js',
    semver: 'semver.js',
    'env-paths': 'env-paths.js',
    debug: 'debug.js',
    '@smithy/core/event-streams': 'event-streams.js',
    '@aws-sdk/checksums/flexible-checksums': 'checksums.js',
    '@aws-sdk/checksums/sha': 'checksums.js',
    'proxy-agent-negotiate': 'proxy-agent-negotiate.js',
  }),
);

/** The libraries whose imports are looked at: anyone else who imports one of the packages gets the real one. */
const USERS =
  /[\\/]node_modules[\\/](?:got|conf|agent-base|(?:https?|socks)-proxy-agent|@tokenizer[\\/]inflate|@aws-sdk[\\/][^\\/]+|@smithy[\\/]core)[\\/]/;

/**
 * A plugin that puts the stand-ins into the bundle.
 *
 * @returns {import('rolldown').Plugin}
 * @throws {Error} from the build, when no library asked for one of them: it is out of date, and so is what is said of it here
 */
export function standIns() {
  /** @type {Set<string>} */
  const unused = new Set(STAND_INS.keys());
  return {
    name: 'stand-ins',
    resolveId(source, importer) {
      const file = STAND_INS.get(source);
      if (file === undefined || importer === undefined || !USERS.test(importer)) return null;
      unused.delete(source);
      return fileURLToPath(new URL(`stand-ins/${file}`, import.meta.url));
    },
    buildEnd(error) {
      if (error === undefined && unused.size > 0) throw new Error(`Nothing imports what these stand in for: ${[...unused].join(', ')}.`);
    },
  };
}
