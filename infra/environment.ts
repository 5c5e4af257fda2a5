import { Stack } from 'aws-cdk-lib';
import { CfnFunction, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { InvalidSettingError, readSettings, type VariableName } from '../src/settings.ts';
import { ConfigurationError } from './configuration-error.ts';
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
 * @throws ConfigurationError that says how to make it shorter
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
  throw new ConfigurationError(
    `The function's environment variables take up to ${total} bytes, and Lambda has room for ${MOST_BYTES}. The longest is ${most.name}, with ${most.bytes}. ${
      REMEDIES[most.name] ?? 'Write fewer or shorter values'
    }; or share the secrets out over several MomentoKeyRotation constructs.`,
  );
}

/** Which property of the construct each is set from. */
const PROPERTIES: Readonly<Partial<Record<VariableName, string>>> = {
  MOMENTO_PING_CACHE: 'pingCache',
  MOMENTO_HOSTS: 'hosts',
  MOMENTO_ADMIN_SECRET: 'adminSecret',
  MOMENTO_ROLES: 'roles',
  MOMENTO_ROLE_ID: 'roleId',
  MOMENTO_KEY_LIFETIME_DAYS: 'keyLifetime',
  MOMENTO_OVERLAP_SECONDS: 'overlap',
  MOMENTO_REVOKE_FIRST_KEY: 'revokeFirstKey',
  MOMENTO_REVOKE_ON_SCHEDULE: 'revokeOnSchedule',
};

/**
 * Every invocation would fail otherwise, after a deployment that went well.
 *
 * @throws ConfigurationError if the function does not read what it is told, by its own code
 */
export function requireReadableEnvironment(lambda: LambdaFunction): void {
  const variables = Object.entries(variablesOf(lambda));
  try {
    readSettings(Object.fromEntries(variables.map(([name, value]) => [name, filledIn(value)])));
  } catch (error) {
    if (!(error instanceof InvalidSettingError)) throw error;
    throw new ConfigurationError(({ property }) =>
      error.message.replace(/\bMOMENTO_\w+/g, (name) => property(PROPERTIES[name as VariableName] ?? name)),
    );
  }
}

/** As CloudFormation could make it: with a word that may be a secret, a cache, a role, or a host, for what it has yet to fill in. */
function filledIn(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': join } = value as { 'Fn::Join'?: [string, unknown[]] };
  return join === undefined ? 'example.com' : join[1].map(filledIn).join(join[0]);
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
