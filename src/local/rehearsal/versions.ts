import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { readSecretValue, type SecretValue } from '../../momento/secret-value.ts';

/** One version of the secret, as it is shown. */
export interface VersionView {
  versionId: string;
  labels: string[];
  /** Undefined: it has none yet. */
  secretString: string | undefined;
}

/** Every version that has a label, the current one first. */
export async function readVersions(client: SecretsManagerClient, secretId: string): Promise<VersionView[]> {
  const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId: secretId }));
  const versions = Object.entries(VersionIdsToStages).map(async ([versionId, labels]) => ({
    versionId,
    labels,
    secretString: await readValue(client, secretId, versionId),
  }));
  const rank = ({ labels }: VersionView) =>
    ['AWSCURRENT', 'AWSPENDING'].findIndex((label) => labels.includes(label)) >>> 0;
  return (await Promise.all(versions)).sort((a, b) => rank(a) - rank(b));
}

/** The labels by version, as `DescribeSecret` has them. */
export function labelsOf(versions: readonly VersionView[]): Record<string, string[]> {
  return Object.fromEntries(versions.map(({ versionId, labels }) => [versionId, labels]));
}

/** The current value; empty if there is none. */
export async function readCurrent(client: SecretsManagerClient, secretId: string): Promise<string> {
  const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
  return SecretString;
}

/** Undefined: the version has no value. */
export async function readValue(
  client: SecretsManagerClient,
  secretId: string,
  versionId: string,
): Promise<string | undefined> {
  try {
    const value = await client.send(new GetSecretValueCommand({ SecretId: secretId, VersionId: versionId }));
    return value.SecretString;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/**
 * `1c9a7b42…  AWSCURRENT   key-1, valid until 2026-12-20 09:51 UTC`. What is in the value is not shown.
 *
 * @param nameOf names a key without giving it away; undefined for a key that it does not know
 */
export function describeVersion(
  { versionId, labels, secretString }: VersionView,
  nameOf: (apiKey: string) => string | undefined,
): string {
  const key = secretString === undefined ? 'no value yet' : describeValue(readSecretValue(secretString), nameOf);
  return `${shortId(versionId)}  ${labels.join(', ').padEnd(23)}  ${key}`;
}

function describeValue({ apiKey, expiresAt }: SecretValue, nameOf: (apiKey: string) => string | undefined): string {
  const name = nameOf(apiKey.encoded) ?? 'a key';
  if (expiresAt === undefined) return `${name}, which never expires`;
  const date = expiresAt.toISOString().slice(0, 16).replace('T', ' ');
  return `${name}, valid until ${date} UTC`;
}

/** Enough of a version id to tell a few apart. */
export function shortId(versionId: string): string {
  return `${versionId.slice(0, 8)}…`;
}

/** `1c9a7b42… AWSCURRENT    5d0e11fa… AWSPENDING` */
export function describeLabels(versionIdsToStages: Record<string, string[]>): string {
  return Object.entries(versionIdsToStages)
    .map(([versionId, labels]) => `${shortId(versionId)} ${labels.join(', ')}`)
    .sort()
    .join('    ');
}
