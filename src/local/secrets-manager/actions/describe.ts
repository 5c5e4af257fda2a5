import type { DescribeSecretRequest, DescribeSecretResponse, SecretListEntry } from '@aws-sdk/client-secrets-manager';
import { primaryRegionOf, replicationStatus } from '../replication.ts';
import { type Secret, versionIdsToStages } from '../stored-secret.ts';
import type { Context } from './context.ts';

export function describeSecret(context: Context, input: DescribeSecretRequest): DescribeSecretResponse {
  const secret = context.secrets.find(input.SecretId);
  return { ...details(secret), VersionIdsToStages: stagesOf(secret), ReplicationStatus: replicationStatus(secret) };
}

export const listEntry = (secret: Secret): SecretListEntry => ({
  ...details(secret),
  SecretVersionsToStages: stagesOf(secret),
});

/**
 * "Secrets Manager only returns fields that have a value." A list of tags that became empty is one: it is there once a
 * secret has had tags (LocalStack's snapshots of AWS, test_secret_tags).
 */
function details(secret: Secret) {
  const rotates = secret.rotationEnabled === true;
  return {
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description || undefined,
    KmsKeyId: secret.kmsKeyId || undefined,
    RotationEnabled: secret.rotationEnabled,
    RotationLambdaARN: secret.rotationLambdaArn,
    RotationRules: secret.rotationRules,
    LastRotatedDate: rotates ? secret.lastRotatedDate : undefined,
    LastChangedDate: secret.lastChangedDate,
    LastAccessedDate: secret.lastAccessedDate,
    DeletedDate: secret.deletionDate,
    NextRotationDate: rotates ? secret.nextRotationDate : undefined,
    Tags: secret.tags && [...secret.tags],
    CreatedDate: secret.createdDate,
    PrimaryRegion: primaryRegionOf(secret),
  };
}

const stagesOf = (secret: Secret) => (secret.versions.size > 0 ? versionIdsToStages(secret) : undefined);
