import type {
  DescribeSecretRequest,
  DescribeSecretResponse,
  SecretListEntry,
  Tag,
} from '@aws-sdk/client-secrets-manager';
import { type Secret, versionIdsToStages } from '../stored-secret.ts';
import type { Context } from './context.ts';

export function describeSecret(context: Context, input: DescribeSecretRequest): DescribeSecretResponse {
  const secret = context.secrets.find(input.SecretId);
  return { ...details(secret), VersionIdsToStages: stagesOf(secret) };
}

export const listEntry = (secret: Secret): SecretListEntry => ({
  ...details(secret),
  SecretVersionsToStages: stagesOf(secret),
});

/** "Secrets Manager only returns fields that have a value." */
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
    Tags: tagsOf(secret),
    CreatedDate: secret.createdDate,
    PrimaryRegion: secret.primaryRegion,
  };
}

const tagsOf = (secret: Secret): Tag[] | undefined => (secret.tags.length > 0 ? [...secret.tags] : undefined);

const stagesOf = (secret: Secret) => (secret.versions.size > 0 ? versionIdsToStages(secret) : undefined);
