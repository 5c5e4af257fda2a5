/**
 * What each request may hold: the members, types and limits of the service's model, as the API reference gives them for
 * each action. Messages name the member and its limit, never what it held.
 */

import {
  check,
  choice,
  decode,
  flag,
  list,
  type Shape,
  type Structure,
  structure,
  text,
  whole,
} from '../aws/shapes.ts';
import type { ActionInput, ActionName } from './actions/actions.ts';

const VALUE_BYTES = 65_536;
const value: Record<string, Shape> = {
  SecretString: { kind: 'string', max: VALUE_BYTES, bytes: true },
  SecretBinary: { kind: 'blob', max: VALUE_BYTES },
};
const secretId = text(1, 2048);
const token = text(32, 64);
const label = text(1, 256);
const versionId = text(32, 64);
const description = text(0, 2048);
const kmsKeyId = text(0, 2048);
const tagKey = text(1, 128);
const tags = list(structure({ Key: tagKey, Value: text(0, 256) }));
const paging = (max: number): Record<string, Shape> => ({ MaxResults: whole(1, max), NextToken: text(1, 4096) });
const filters = list(
  structure(
    {
      Key: choice('description', 'name', 'tag-key', 'tag-value', 'primary-region', 'owning-service', 'all'),
      Values: list(text(0, 512, /^!?[a-zA-Z0-9 :_@/+=.\-!]*$/), 1, 10),
    },
    ['Key', 'Values'],
  ),
  0,
  10,
);
const region = text(1, 128, /^([a-z]+-)+\d+$/);
const replicaRegions = list(structure({ Region: region, KmsKeyId: kmsKeyId }), 1);
const rotationRules = structure({
  AutomaticallyAfterDays: whole(1, 1000),
  Duration: text(2, 3, /^[0-9]+h$/),
  ScheduleExpression: text(1, 256, /^[0-9A-Za-z()#?*\-/, ]+$/),
});
const onSecret = (members: Record<string, Shape> = {}, required: string[] = []) =>
  structure({ SecretId: secretId, ...members }, ['SecretId', ...required]);

const requests: Record<ActionName, Structure> = {
  BatchGetSecretValue: structure({ SecretIdList: list(secretId, 1, 20), Filters: filters, ...paging(20) }),
  CancelRotateSecret: onSecret(),
  CreateSecret: structure(
    {
      Name: text(1, 512),
      ClientRequestToken: token,
      Description: description,
      KmsKeyId: kmsKeyId,
      Tags: tags,
      AddReplicaRegions: replicaRegions,
      ForceOverwriteReplicaSecret: flag,
      ...value,
    },
    ['Name'],
  ),
  // DeleteSecret checks the recovery window itself, with words of its own.
  DeleteSecret: onSecret({
    RecoveryWindowInDays: whole(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    ForceDeleteWithoutRecovery: flag,
  }),
  DescribeSecret: onSecret(),
  GetSecretValue: onSecret({ VersionId: versionId, VersionStage: label }),
  ListSecretVersionIds: onSecret({ IncludeDeprecated: flag, ...paging(100) }),
  ListSecrets: structure({
    Filters: filters,
    IncludePlannedDeletion: flag,
    SortBy: choice('created-date', 'last-accessed-date', 'last-changed-date', 'name'),
    SortOrder: choice('asc', 'desc'),
    ...paging(100),
  }),
  PutSecretValue: onSecret({
    ClientRequestToken: token,
    VersionStages: list(label, 1, 20),
    RotationToken: text(36, 256, /^[a-zA-Z0-9-]+$/),
    ...value,
  }),
  RemoveRegionsFromReplication: onSecret({ RemoveReplicaRegions: list(region, 1) }, ['RemoveReplicaRegions']),
  ReplicateSecretToRegions: onSecret({ AddReplicaRegions: replicaRegions, ForceOverwriteReplicaSecret: flag }, [
    'AddReplicaRegions',
  ]),
  RestoreSecret: onSecret(),
  RotateSecret: onSecret({
    ClientRequestToken: token,
    RotationLambdaARN: text(0, 2048),
    RotationRules: rotationRules,
    RotateImmediately: flag,
  }),
  StopReplicationToReplica: onSecret(),
  TagResource: onSecret({ Tags: tags }, ['Tags']),
  UntagResource: onSecret({ TagKeys: list(tagKey) }, ['TagKeys']),
  UpdateSecret: onSecret({ ClientRequestToken: token, Description: description, KmsKeyId: kmsKeyId, ...value }),
  UpdateSecretVersionStage: onSecret(
    { VersionStage: label, RemoveFromVersionId: versionId, MoveToVersionId: versionId },
    ['VersionStage'],
  ),
};

/**
 * Turns the JSON of a request into the action's input. Members that the action does not know are dropped.
 * @throws SerializationException for a member of the wrong type.
 */
export function decodeRequest<A extends ActionName>(action: A, json: unknown): ActionInput<A> {
  return decode(requests[action], json) as ActionInput<A>;
}

/** @throws ValidationException for a member that is missing or outside its limits. */
export function validateRequest<A extends ActionName>(action: A, input: ActionInput<A>): void {
  check(requests[action], input);
}
