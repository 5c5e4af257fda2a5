import { Stack } from 'aws-cdk-lib';
import { CfnFunction, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { NamedSecret } from './secrets.ts';

/**
 * Of all variables of a function together (Lambda developer guide, "Lambda quotas"). Lambda measures them as JSON, as its
 * error shows: names, quotes, and a backslash before each quote in a value.
 */
const MOST_BYTES = 4_096;

/** Room for what CloudFormation fills in that is not a secret's name or ARN: a cache, a host or the id of a role. */
const LONGEST_REFERENCE = 140;

/** What to do about the variable that takes the most. */
const REMEDIES: Readonly<Record<string, string>> = {
  MOMENTO_ROLES: 'Write the role that most secrets have as roleId, and only the others in roles',
  MOMENTO_REVOKE_FIRST_KEY:
    'Write all of the secrets in revokeFirstKey, which takes no room, or only those whose first key is not revoked yet',
};

/**
 * CloudFormation would find out in the middle of a deployment.
 *
 * @param secrets whose names or ARNs may be in it
 * @throws Error that says how to make it shorter
 */
export function requireRoomInEnvironment(lambda: LambdaFunction, secrets: readonly NamedSecret[]): void {
  const stack = Stack.of(lambda);
  const lengths = new Map(
    secrets.map(({ secretId, secretIdLength }) => [JSON.stringify(stack.resolve(secretId)), secretIdLength]),
  );
  const variables = Object.entries(variablesOf(lambda)).map(([name, value]) => ({
    name,
    bytes: '"":"",'.length + name.length + writtenBytes(value, lengths),
  }));
  const total = variables.reduce((sum, { bytes }) => sum + bytes, '{}'.length);
  if (total <= MOST_BYTES) return;
  const most = variables.reduce((one, other) => (other.bytes > one.bytes ? other : one));
  throw new Error(
    `The function's environment variables take up to ${total} bytes, and Lambda has room for ${MOST_BYTES}. The longest is ${most.name}, with ${most.bytes}. ${
      REMEDIES[most.name] ?? 'Write fewer or shorter values'
    }; or share the secrets out over several MomentoKeyRotation constructs.`,
  );
}

function variablesOf(lambda: LambdaFunction): Record<string, unknown> {
  const { defaultChild } = lambda.node;
  const environment =
    defaultChild instanceof CfnFunction ? Stack.of(lambda).resolve(defaultChild.environment) : undefined;
  return environment?.variables ?? {};
}

/** An upper bound, where CloudFormation has yet to fill something in. */
function writtenBytes(value: unknown, lengths: ReadonlyMap<string, number>): number {
  if (typeof value === 'string') return Buffer.byteLength(JSON.stringify(value)) - '""'.length;
  const length = lengths.get(JSON.stringify(value));
  if (length !== undefined) return length;
  const { 'Fn::Join': join } = value as { 'Fn::Join'?: [string, unknown[]] };
  if (join === undefined) return LONGEST_REFERENCE;
  const [separator, parts] = join;
  const separators = (parts.length - 1) * separator.length;
  return parts.reduce<number>((sum, part) => sum + writtenBytes(part, lengths), separators);
}
