import type {
  APIErrorType,
  BatchGetSecretValueRequest,
  BatchGetSecretValueResponse,
  ListSecretsRequest,
  ListSecretsResponse,
  ListSecretVersionIdsRequest,
  ListSecretVersionIdsResponse,
  SecretValueEntry,
} from '@aws-sdk/client-secrets-manager';
import { page } from '../../aws/pages.ts';
import { AwsServiceError, invalidNextToken, invalidParameter } from '../secrets-manager-errors.ts';
import { labelsOf, type Secret, type Version } from '../stored-secret.ts';
import type { Context } from './context.ts';
import { listEntry } from './describe.ts';
import { matches } from './filters.ts';
import { getSecretValue } from './values.ts';

const LIST_PAGE = 100;
const BATCH_PAGE = 20;

export function listSecrets(context: Context, input: ListSecretsRequest): ListSecretsResponse {
  const found = context.secrets
    .all()
    .filter((secret) => input.IncludePlannedDeletion || !secret.deletionDate)
    .filter((secret) => matches(secret, input.Filters ?? []))
    .sort(order(input));
  const { items, next } = page(found, input, LIST_PAGE, invalidNextToken);
  return { SecretList: items.map(listEntry), NextToken: next };
}

function order({ SortBy, SortOrder }: ListSecretsRequest): (left: Secret, right: Secret) => number {
  const direction = SortOrder === 'desc' ? -1 : 1;
  const time = (date: Date | undefined) => date?.getTime() ?? 0;
  return (left, right) => {
    switch (SortBy) {
      case 'name':
        return direction * (left.name < right.name ? -1 : 1);
      case 'last-accessed-date':
        return direction * (time(left.lastAccessedDate) - time(right.lastAccessedDate));
      case 'last-changed-date':
        return direction * (time(left.lastChangedDate) - time(right.lastChangedDate));
      default:
        return direction * (time(left.createdDate) - time(right.createdDate));
    }
  };
}

export function listSecretVersionIds(
  context: Context,
  input: ListSecretVersionIdsRequest,
): ListSecretVersionIdsResponse {
  const secret = context.secrets.find(input.SecretId);
  const listed = [...secret.versions.values()].filter((version) => input.IncludeDeprecated || version.labels.size > 0);
  const { items, next } = page(listed, input, LIST_PAGE, invalidNextToken);
  const entry = (version: Version) => ({
    VersionId: version.id,
    VersionStages: version.labels.size > 0 ? labelsOf(version) : undefined,
    LastAccessedDate: version.lastAccessedDate,
    CreatedDate: version.createdDate,
    KmsKeyIds: [secret.kmsKeyId || 'DefaultEncryptionKey'],
  });
  return { ARN: secret.arn, Name: secret.name, Versions: items.map(entry), NextToken: next };
}

export function batchGetSecretValue(context: Context, input: BatchGetSecretValueRequest): BatchGetSecretValueResponse {
  const { SecretIdList: ids, Filters: filters } = input;
  if ((ids === undefined) === (filters === undefined))
    throw invalidParameter("Either 'SecretIdList' or 'Filters' must be provided, but not both.");
  if (input.MaxResults !== undefined && filters === undefined)
    throw invalidParameter("'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.");
  const wanted = ids ?? listSecretsMatching(context, input);
  const { items, next } = page(wanted, input, BATCH_PAGE, invalidNextToken);
  const values: SecretValueEntry[] = [];
  const errors: APIErrorType[] = [];
  for (const SecretId of items) {
    try {
      values.push(getSecretValue(context, { SecretId }));
    } catch (error) {
      if (!(error instanceof AwsServiceError)) throw error;
      errors.push({ SecretId, ErrorCode: error.code, Message: error.message });
    }
  }
  return { SecretValues: values, Errors: errors, NextToken: next };
}

function listSecretsMatching(context: Context, { Filters }: BatchGetSecretValueRequest): string[] {
  const active = context.secrets.all().filter((secret) => !secret.deletionDate);
  return active.filter((secret) => matches(secret, Filters ?? [])).map((secret) => secret.arn);
}
