import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { readSecretValue } from '../../momento/secret-value.ts';
import type { World } from './scenario.ts';

/** Stores a key by hand. */
export async function storeByHand({ standIns }: World, secretId: string, secretString: string): Promise<void> {
  await standIns.client.send(new PutSecretValueCommand({ SecretId: secretId, SecretString: secretString }));
}

/** The same, and revokes the one that it replaces: of a key that no rotation has succeeded, only its operator knows. */
export async function replaceByHand(world: World, secretId: string, secretString: string): Promise<void> {
  const { client, momento } = world.standIns;
  await storeByHand(world, secretId, secretString);
  const previous = new GetSecretValueCommand({ SecretId: secretId, VersionStage: 'AWSPREVIOUS' });
  const { SecretString = '' } = await client.send(previous);
  momento.revokeKey(readSecretValue(SecretString).apiKey.encoded);
}
