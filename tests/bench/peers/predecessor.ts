import { ResourceNotFoundException, SecretsManager } from '@aws-sdk/client-secrets-manager';
import {
  AuthClient,
  CacheClient,
  Configurations,
  CredentialProvider,
  ListCachesResponse,
  RefreshApiKeyResponse,
} from '@gomomento/sdk';
import type { StepEvent, Value } from './step.ts';

/**
 * The function that Momento published, by its design, without its mistakes: each invocation has a client of its own and begins with a
 * look at the labels; a key is tested by listing caches, before it is promoted once more; no client is closed.
 */
export async function handler(event: StepEvent): Promise<void> {
  const secretsManager = new SecretsManager({});
  const { SecretId, ClientRequestToken: VersionId } = event;
  const stages = (await labels(secretsManager, SecretId))[VersionId];
  if (stages === undefined) throw new Error('no stage');
  if (stages.includes('AWSCURRENT')) return;
  if (!stages.includes('AWSPENDING')) throw new Error('not staged');
  switch (event.Step) {
    case 'createSecret':
      return createSecret(secretsManager, event);
    case 'testSecret':
      return test(await read(secretsManager, { SecretId, VersionStage: 'AWSPENDING' }));
    case 'finishSecret':
      return finishSecret(secretsManager, event);
  }
}

async function createSecret(
  secretsManager: SecretsManager,
  { SecretId, ClientRequestToken: VersionId }: StepEvent,
): Promise<void> {
  const current = await read(secretsManager, { SecretId, VersionStage: 'AWSCURRENT' });
  try {
    await read(secretsManager, { SecretId, VersionId, VersionStage: 'AWSPENDING' });
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    const client = new AuthClient({ credentialProvider: CredentialProvider.fromString({ apiKey: current.apiKey }) });
    const refreshed = await client.refreshApiKey(current.refreshToken);
    if (refreshed.type === RefreshApiKeyResponse.Error) throw refreshed.innerException();
    const { apiKey, refreshToken, expiresAt } = refreshed;
    await secretsManager.putSecretValue({
      SecretId,
      ClientRequestToken: VersionId,
      SecretString: JSON.stringify({ apiKey, refreshToken, validUntil: String(expiresAt.epoch()) }),
      VersionStages: ['AWSPENDING'],
    });
  }
}

async function finishSecret(
  secretsManager: SecretsManager,
  { SecretId, ClientRequestToken: VersionId }: StepEvent,
): Promise<void> {
  await test(await read(secretsManager, { SecretId, VersionStage: 'AWSPENDING' }));
  const stages = await labels(secretsManager, SecretId);
  const current = Object.keys(stages).find((version) => stages[version]?.includes('AWSCURRENT'));
  await secretsManager.updateSecretVersionStage({
    SecretId,
    VersionStage: 'AWSCURRENT',
    MoveToVersionId: VersionId,
    RemoveFromVersionId: current,
  });
}

async function test({ apiKey }: Value): Promise<void> {
  const client = new CacheClient({
    credentialProvider: CredentialProvider.fromString({ apiKey }),
    configuration: Configurations.InRegion.Default.latest(),
    defaultTtlSeconds: 60,
  });
  const response = await client.listCaches();
  if (response.type === ListCachesResponse.Error) throw response.innerException();
}

async function labels(secretsManager: SecretsManager, SecretId: string): Promise<Record<string, string[]>> {
  return (await secretsManager.describeSecret({ SecretId })).VersionIdsToStages ?? {};
}

async function read(
  secretsManager: SecretsManager,
  request: { SecretId: string; VersionId?: string; VersionStage?: string },
): Promise<Value> {
  return JSON.parse((await secretsManager.getSecretValue(request)).SecretString ?? '');
}
