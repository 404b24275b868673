import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { loadConfig, NODE_REGION_CONFIG_FILE_OPTIONS, NODE_REGION_CONFIG_OPTIONS } from '@smithy/core/config';
import { ConfiguredRetryStrategy } from '@smithy/core/retry';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { routeChooser } from '../../http/agents.ts';
import { userAgent } from '../../http/peer.ts';
import type { LogEntry } from '../../log.ts';
import { createPace, type Pace } from '../../retry/pace.ts';
import type { Clock, System } from '../../system.ts';
import type { HomeTools } from '../archive.ts';
import { awsSettings, checkedRegion } from './aws-settings.ts';
import { saysSlowDown, statusOf } from './bucket-error.ts';
import type { BucketOptions } from './options.ts';
import { type QuickAnswer, type QuickObject, QuickPut } from './quick-put.ts';

/** How long the store may take to answer, and how often it is asked again, where nothing is said. */
const TIMEOUT_MS = 30_000;
const RETRIES = 5;

/** The wait before the second try, and the longest one, in milliseconds. */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 20_000;
/** For how long all requests wait when the store says that it has too many. */
const HOLD_MS = 1000;

/** Where a region is needed and none is set: the one that S3 redirects from. */
const ANY_REGION = 'us-east-1';

/** The SDK's client, and how its credentials are read anew. */
export interface StoreClient {
  readonly client: S3Client;
  /** Stores an object by {@link QuickPut}; undefined where the client must do it. Never throws. */
  putQuickly(object: QuickObject): Promise<QuickAnswer | undefined>;
  /** Forgets the credentials, so that they are read again: another program may have renewed them. */
  renew(): void;
  /** Asks in this region from now on. */
  moveTo(region: string): void;
}

/**
 * Makes the client of S3, or of what speaks its protocol. Credentials, region, endpoint and profile are found as the SDK and the AWS command line
 * find them; its requests go the way that all of this tool's go (proxies, certificates). Its secrets are made known to the redactor. Nothing
 * is sent yet. Throws `USAGE` for a proxy that is none, and as {@link awsSettings} does.
 */
export async function storeClient(
  { system, redactor, entry }: HomeTools,
  { timeoutMs = TIMEOUT_MS, retries = RETRIES }: BucketOptions,
): Promise<StoreClient> {
  // The release is pinned to one that runs on Node 20, and says so in a warning of its own at each start.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const { endpoint } = await awsSettings(system.env);
  const requestHandler = routedHandler(system, timeoutMs);
  let provider: ReturnType<typeof defaultProvider> | undefined;
  const found = loadConfig(
    {
      ...NODE_REGION_CONFIG_OPTIONS,
      // The AWS command line knows a second name for it. What is set to nothing is not set.
      environmentVariableSelector: (env) => env.AWS_REGION || env.AWS_DEFAULT_REGION || undefined,
      default: ANY_REGION,
    },
    NODE_REGION_CONFIG_FILE_OPTIONS,
  );
  let region: NonNullable<S3ClientConfig['region']> = async () => checkedRegion(await found());
  const config: S3ClientConfig = {
    ...(endpoint !== undefined && {
      endpoint,
      // Others than Amazon have no host for each bucket, and refuse checksums that nobody needs.
      forcePathStyle: true,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    }),
    requestHandler,
    // Once more in any case: a connection that was kept, and closed by the store meanwhile, fails the request that it is given, and that is no try.
    retryStrategy: new ConfiguredRetryStrategy(Math.max(retries, 1) + 1, waitBefore),
    customUserAgent: userAgent,
    logger: SILENT,
    // All requests go to one bucket: how one is made holds for the next, and is worked out once.
    cacheMiddleware: true,
    async credentials(...asked) {
      provider ??= defaultProvider({ logger: SILENT, ignoreCache: true, clientConfig: { requestHandler, logger: SILENT } });
      const found = await provider(...asked);
      // The two halves get mixed up: an id that looks like a secret key is one.
      const mixedUp = SECRET_KEY.test(found.accessKeyId) ? found.accessKeyId : undefined;
      for (const secret of [found.secretAccessKey, found.sessionToken, mixedUp]) if (secret !== undefined) redactor.addSecret(secret);
      return found;
    },
  };
  const pace = createPace(system);
  const make = () => {
    const client = new S3Client({ ...config, region });
    // It copies all that goes to a log, which there is none of.
    client.middlewareStack.remove('loggerMiddleware');
    signByChecksum(client);
    holdBack(client, pace);
    if (entry !== undefined) logRequests(client, entry, system);
    return { client, quick: new QuickPut(client) };
  };
  let { client, quick } = make();
  return {
    get client() {
      return client;
    },
    renew() {
      // The SDK keeps credentials that do not say when they end for as long as its client.
      provider = undefined;
      ({ client, quick } = make());
    },
    async putQuickly(object) {
      await pace.enter(NEVER, 'store');
      const startedAt = system.elapsed();
      const answer = await quick.send(object).catch(() => undefined);
      if (answer !== undefined) logged(entry, system, 'PutObject', object, startedAt, { status: answer.status });
      if (answer?.status === 503 || answer?.status === 429) pace.holdBack(HOLD_MS);
      return answer?.status === 200 && answer.etag !== undefined ? answer : undefined;
    },
    moveTo(other) {
      if (region === other) return;
      region = other;
      ({ client, quick } = make());
    },
  };
}

/** Amazon's secret keys; their ids are shorter, and all in upper case. */
const SECRET_KEY = /^[A-Za-z\d/+]{40}$/;

/** Notices of the SDK reach no terminal: this tool says itself what a user should know. */
const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** All requests that are held back listen to it, and Node warns on standard error from the eleventh on. */
const NEVER = new AbortController().signal;
setMaxListeners(0, NEVER);

/** Full jitter, as in `retry/policy.ts`. */
function waitBefore(attempt: number): number {
  return Math.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt);
}

/** When the store says that there are too many, none of the client's requests goes out for a while: each for itself would go on asking. */
function holdBack(client: S3Client, pace: Pace): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      await pace.enter(NEVER, 'store');
      try {
        return await next(args);
      } catch (error) {
        if (saysSlowDown(error)) pace.holdBack(HOLD_MS);
        throw error;
      }
    },
    // Behind the retries, so that each try passes here.
    { name: 'holdBack', step: 'finalizeRequest', priority: 'low' },
  );
}

/** An entry for each try of a request that the SDK makes. */
function logRequests(client: S3Client, entry: LogEntry, clock: Pick<Clock, 'elapsed'>): void {
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const startedAt = clock.elapsed();
        const tell = (outcome: { status: number | undefined; code?: string }) =>
          logged(entry, clock, commandName.replace(/Command$/, ''), args.input as Place, startedAt, outcome);
        try {
          const answer = await next(args);
          tell({ status: (answer.response as { statusCode?: number }).statusCode });
          return answer;
        } catch (error) {
          tell({ status: statusOf(error), code: (error as Error).name });
          throw error;
        }
      },
    { name: 'logRequests', step: 'finalizeRequest', priority: 'low' },
  );
}

/** What a request is for, as the API names it. */
type Place = { Bucket?: string | undefined; Key?: string | undefined; Prefix?: string | undefined };

/** The entry of a request: the operation, the bucket and 8 digits of a hash of the key, what came of it, and milliseconds. */
function logged(
  entry: LogEntry | undefined,
  clock: Pick<Clock, 'elapsed'>,
  operation: string,
  { Bucket = '', Key, Prefix = '' }: Place,
  startedAt: number,
  outcome: { status: number | undefined; code?: string },
): void {
  const hash = createHash('sha256')
    .update(Key ?? Prefix)
    .digest('hex');
  const ms = Math.round(clock.elapsed() - startedAt);
  entry?.('request', { to: 'bucket', operation, address: `s3://${Bucket}/… #${hash.slice(0, 8)}`, ...outcome, ms });
}

/** A signature covers the hash of the body. Where that is known it is not computed again. */
function signByChecksum(client: S3Client): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> };
      const { 'x-amz-checksum-sha256': checksum } = headers;
      if (checksum !== undefined) headers['x-amz-content-sha256'] = Buffer.from(checksum, 'base64').toString('hex');
      return next(args);
    },
    { name: 'signByChecksum', step: 'build' },
  );
}

/** Sends each request along the route that its address has. */
function routedHandler({ env }: System, timeoutMs: number): NodeHttpHandler {
  const chooseRoute = routeChooser(env);
  const handlers = new Map<unknown, NodeHttpHandler>();
  const handler = new NodeHttpHandler();
  handler.handle = async (request, options) => {
    const { protocol, hostname, port } = request;
    const url = new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`);
    const { agent } = await chooseRoute(url, timeoutMs);
    let routed = handlers.get(agent);
    if (routed === undefined) {
      // biome-ignore lint/suspicious/noExplicitAny: whichever of the two agents the scheme asks for is this one
      const agents = { httpAgent: agent, httpsAgent: agent } as any;
      routed = new NodeHttpHandler({
        ...agents,
        connectionTimeout: timeoutMs,
        requestTimeout: 0,
        socketTimeout: timeoutMs,
        logger: SILENT,
      });
      handlers.set(agent, routed);
    }
    return routed.handle(request, options);
  };
  handler.destroy = () => {
    for (const routed of handlers.values()) routed.destroy();
  };
  return handler;
}
