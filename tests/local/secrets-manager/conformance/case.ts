import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { expect } from 'vitest';

/** What a case works with: one endpoint, whichever it is, and secrets that are deleted when the case is over. */
export interface Endpoint {
  client: SecretsManager;
  /** A name that no other case and no other run has. */
  newName(): string;
  /** A secret of such a name, with the value if one is given. */
  create(value?: string): Promise<{ name: string; arn: string; versionId: string }>;
  /** Empty where the case does not need it. */
  rotationFunctionArn: string;
  /** Resolves when `AWSCURRENT` is on that version. Bounded. */
  promoted(secretId: string, versionId: string): Promise<void>;
  /** Resolves when the check passes: at once at the local service, which has no delays; elsewhere it is repeated. Bounded. */
  eventually(check: () => Promise<void>): Promise<void>;
  /** Resolves when the service's clock shows another time: the local one's is moved, elsewhere a second is waited for. */
  timePasses(): Promise<void>;
  /** Another Region at the same service. */
  other: { region: string; client: SecretsManager };
}

export interface ConformanceCase {
  name: string;
  /** Where the behaviour is described or was observed. */
  source: string;
  /** The case starts rotations, and needs a rotation function that the endpoint can invoke. */
  rotates?: boolean;
  /** The case replicates secrets, and needs a second Region. */
  replicates?: boolean;
  run(endpoint: Endpoint): Promise<void>;
}

/** Recordings of the real service, and tests that their authors ran against it; which are held here: docs/conformance.md. */
export const localstack = (...tests: string[]) => `LocalStack's snapshots of AWS, ${tests.join(', ')}`;
export const moto = (...tests: string[]) => `moto's AWS-verified ${tests.join(', ')}`;

/** The reference page of an action. */
export const api = (action: string) => `AWS API reference, ${action}`;

export async function refused(promise: Promise<unknown>, code: string, message?: string | RegExp): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error, `expected ${code}`).toBeInstanceOf(Error);
  expect((error as Error).name).toBe(code);
  if (message !== undefined) expect((error as Error).message).toMatch(message);
}

/** Each change, made at another time than the one before, moves `LastChangedDate` on. */
export async function expectDated(
  { client, timePasses }: Endpoint,
  SecretId: string,
  changes: Record<string, () => Promise<unknown>>,
): Promise<void> {
  const lastChanged = async () => Number((await client.describeSecret({ SecretId })).LastChangedDate);
  let before = await lastChanged();
  for (const [change, make] of Object.entries(changes)) {
    await timePasses();
    await make();
    const after = await lastChanged();
    expect(after, change).toBeGreaterThan(before);
    before = after;
  }
}

/** The labels of each version that has any, sorted. */
export async function stages(client: SecretsManager, SecretId: string): Promise<Record<string, string[]>> {
  const { VersionIdsToStages = {} } = await client.describeSecret({ SecretId });
  return Object.fromEntries(Object.entries(VersionIdsToStages).map(([id, labels]) => [id, [...labels].sort()]));
}

/** Each version of a list, the oldest first, with its labels, sorted; undefined where it has none. */
export async function listed(
  client: SecretsManager,
  SecretId: string,
  IncludeDeprecated = false,
): Promise<[string | undefined, string[] | undefined][]> {
  const { Versions = [] } = await client.listSecretVersionIds({ SecretId, IncludeDeprecated });
  const byAge = [...Versions].sort((left, right) => Number(left.CreatedDate) - Number(right.CreatedDate));
  return byAge.map(({ VersionId, VersionStages }) => [VersionId, VersionStages && [...VersionStages].sort()]);
}

/** Sends requests as a caller does who is no SDK and generates no `ClientRequestToken`. */
export function withoutTokens(client: SecretsManager): SecretsManager {
  const { endpoint, region, credentials } = client.config;
  const bare = new SecretsManager({ ...(endpoint && { endpoint }), region, credentials });
  bare.middlewareStack.add(
    (next) => (given) => {
      const request = given.request as { body: Uint8Array | string };
      const { ClientRequestToken: _, ...rest } = given.input as Record<string, unknown>;
      request.body = JSON.stringify(rest);
      return next(given);
    },
    { step: 'serialize', priority: 'low' },
  );
  return bare;
}
