import type { SecretsManager } from '@aws-sdk/client-secrets-manager';
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
}

export interface ConformanceCase {
  name: string;
  /** Where the behaviour is described or was observed. */
  source: string;
  /** The case starts rotations, and needs a rotation function that the endpoint can invoke. */
  rotates?: boolean;
  run(endpoint: Endpoint): Promise<void>;
}

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

/** The labels of each version that has any, sorted. */
export async function stages(client: SecretsManager, SecretId: string): Promise<Record<string, string[]>> {
  const { VersionIdsToStages = {} } = await client.describeSecret({ SecretId });
  return Object.fromEntries(Object.entries(VersionIdsToStages).map(([id, labels]) => [id, [...labels].sort()]));
}
