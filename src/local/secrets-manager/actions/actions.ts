import { describeSecret } from './describe.ts';
import { createSecret, deleteSecret, restoreSecret } from './lifecycle.ts';
import { batchGetSecretValue, listSecrets, listSecretVersionIds } from './lists.ts';
import { removeRegionsFromReplication, replicateSecretToRegions, stopReplicationToReplica } from './replicate.ts';
import { cancelRotateSecret, rotateSecret } from './rotate.ts';
import { updateSecretVersionStage } from './stages.ts';
import { tagResource, untagResource } from './tags.ts';
import { getSecretValue, putSecretValue, updateSecret } from './values.ts';

/** Every action that is supported, by its name on the wire. */
export const actions = {
  BatchGetSecretValue: batchGetSecretValue,
  CancelRotateSecret: cancelRotateSecret,
  CreateSecret: createSecret,
  DeleteSecret: deleteSecret,
  DescribeSecret: describeSecret,
  GetSecretValue: getSecretValue,
  ListSecretVersionIds: listSecretVersionIds,
  ListSecrets: listSecrets,
  PutSecretValue: putSecretValue,
  RemoveRegionsFromReplication: removeRegionsFromReplication,
  ReplicateSecretToRegions: replicateSecretToRegions,
  RestoreSecret: restoreSecret,
  RotateSecret: rotateSecret,
  StopReplicationToReplica: stopReplicationToReplica,
  TagResource: tagResource,
  UntagResource: untagResource,
  UpdateSecret: updateSecret,
  UpdateSecretVersionStage: updateSecretVersionStage,
};

export type ActionName = keyof typeof actions;
export type ActionInput<A extends ActionName> = Parameters<(typeof actions)[A]>[1];
export type ActionOutput<A extends ActionName> = ReturnType<(typeof actions)[A]>;
