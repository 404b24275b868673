// @ts-check
import { fileURLToPath } from 'node:url';

/**
 * Parts of libraries that this tool never uses and that would be loaded all the same, each with the file that stands in for it in the
 * bundle. A stand-in has the exports that the library imports (the build fails where one is missing) and throws when it is used.
 *
 * Measured on Node 20 against `node -e 0` (22 ms, taken as 1.0), as what the part adds to the command that loads it:
 *
 * | part | of | why it is not used | start-up | bytes |
 * | --- | --- | --- | --- | --- |
 * | http2-wrapper | got | `http2` is off; its import makes a TLS context | 1.1 | 26,000 |
 * | cacheable-request | got | `cache` is off | 0.1 | 35,000 |
 * | cacheable-lookup | got | `dnsCache` is off | 0.0 | 5,000 |
 * | ajv, ajv-formats | conf | no `schema` | 0.5 | 143,000 |
 * | semver | conf | no `migrations` | 0.2 | 27,000 |
 * | debug | proxy agents | it would print proxies' passwords past the redactor | | 9,000 |
 * | proxy-agent-negotiate | proxy agents | no `negotiate`; its package has no licence text | | 3,000 |
 * | node:https, node:tls | got | loaded when an address is https | 0.2 | |
 * | diagnostics-channel | got | nobody listens; it loads node:crypto | 0.2 | |
 * | decompress-response | got | `decompress` is off; it loads node:zlib | 0.1 | 1,000 |
 *
 * Three more are not used either, and took 0.05 ms of each request: timer (nobody asks for `timings`), timed-out (`timeout` is not set: the
 * transport bounds the wait itself), proxy-events (nobody listens to a request's socket).
 */
const STAND_INS = new Map(
  Object.entries({
    'http2-wrapper': 'http2-wrapper.js',
    'cacheable-request': 'cacheable-request.js',
    'cacheable-lookup': 'cacheable-lookup.js',
    'ajv/dist/2020.js': 'ajv.js',
    'ajv-formats': 'ajv-formats.js',
    semver: 'semver.js',
    debug: 'debug.js',
    'proxy-agent-negotiate': 'proxy-agent-negotiate.js',
    'node:https': 'https.js',
    'node:tls': 'tls.js',
    './diagnostics-channel.js': 'diagnostics-channel.js',
    'decompress-response': 'decompress-response.js',
    './utils/timer.js': 'timer.js',
    './timed-out.js': 'timed-out.js',
    './utils/proxy-events.js': 'proxy-events.js',
  }),
);

/** The libraries whose imports are looked at: anyone else who imports one of the packages gets the real one. */
const USERS = /[\\/]node_modules[\\/](?:got|conf|agent-base|(?:https?|socks)-proxy-agent)[\\/]/;

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

/** What got's type checks are written with: two formatters for the texts of their errors. */
const FORMATTER = /const (\w+Formatter) = (new Intl\.ListFormat\([^)]*\));/g;

/**
 * A plugin that puts off the making of `@sindresorhus/is`'s two list formatters until one of its errors is worded: to load the data behind
 * them took 12 ms of the 90 that `link` takes, measured as above.
 *
 * @returns {import('rolldown').Plugin}
 * @throws {Error} from the build, when the library makes them in another way
 */
export function lateFormatters() {
  let found = 0;
  return {
    name: 'late-formatters',
    transform(code, id) {
      if (!/[\\/]node_modules[\\/]@sindresorhus[\\/]is[\\/]/.test(id)) return null;
      return code.replace(FORMATTER, (_all, name, making) => {
        found += 1;
        return `const ${name} = { format: (list) => ${making}.format(list) };`;
      });
    },
    buildEnd(error) {
      if (error === undefined && found !== 2) throw new Error(`@sindresorhus/is was to make 2 list formatters, and makes ${found}.`);
    },
  };
}

/** The head of got's method that turns its options into Node's. */
const NATIVE_OPTIONS = /createNativeRequestOptions\(\) \{/;

/**
 * A plugin that lets got make only those of Node's options that the service's `request` function takes. It made thirty for each request,
 * of TLS among them, in a way that took 50 µs of the 1.8 ms that a recording of 100 KB takes.
 *
 * @returns {import('rolldown').Plugin}
 * @throws {Error} from the build, when got makes them in another way
 */
export function leanRequests() {
  let found = false;
  return {
    name: 'lean-requests',
    transform(code, id) {
      if (!/[\\/]node_modules[\\/]got[\\/]dist[\\/]source[\\/]core[\\/]options\.js$/.test(id)) return null;
      return code.replace(NATIVE_OPTIONS, (head) => {
        found = true;
        return `${head} const { method, headers } = this._internals; return { method, headers };`;
      });
    },
    buildEnd(error) {
      if (error === undefined && !found) throw new Error('got was to make its native options in createNativeRequestOptions.');
    },
  };
}
