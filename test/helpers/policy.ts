import type { Right } from './bucket-front.ts';

interface Policy {
  Version: string;
  Statement: {
    Effect: string;
    Action: string | string[];
    Resource: string | string[];
    Condition?: Record<string, Record<string, string | string[]>>;
  }[];
}

/**
 * The rights that an IAM policy gives in one bucket, a right for each action and each of its resources. Knows as much of IAM as that takes:
 * `Allow`, the bucket or its objects, `*`, and the condition on the prefix of a listing. Throws for anything else.
 */
export function rightsOf(policy: Policy, bucket: string): Right[] {
  if (policy.Version !== '2012-10-17') throw new Error(`Version ${policy.Version}`);
  return policy.Statement.flatMap(({ Effect, Action, Resource, Condition = {}, ...others }) => {
    if (Effect !== 'Allow' || Object.keys(others).length > 0) throw new Error(`A statement that nobody understands: ${Effect}`);
    const conditioned = prefixesOf(Condition);
    return [Action].flat().flatMap((action) =>
      [Resource].flat().map((resource): Right => {
        const [, name, pattern] = /^arn:aws:s3:::([^/]+)(?:\/(.+))?$/.exec(resource) ?? [];
        if (name !== bucket) throw new Error(`${resource} is not in ${bucket}`);
        const isListing = action === 's3:ListBucket';
        if (isListing !== (pattern === undefined)) throw new Error(`${action} is no action of ${resource}`);
        return { action, keys: anyOf(isListing ? conditioned : [pattern ?? '']) };
      }),
    );
  });
}

function prefixesOf(condition: Record<string, Record<string, string | string[]>>): string[] {
  const { StringLike: { 's3:prefix': prefixes = '*', ...keys } = {}, ...operators } = condition;
  if (Object.keys({ ...keys, ...operators }).length > 0)
    throw new Error(`A condition that nobody understands: ${JSON.stringify(condition)}`);
  return [prefixes].flat();
}

function anyOf(patterns: readonly string[]): RegExp {
  const sources = patterns.map((pattern) =>
    pattern
      .split('*')
      .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*'),
  );
  return new RegExp(`^(?:${sources.join('|')})$`, 's');
}
