/** A local AWS Secrets Manager: over HTTP with {@link startSecretsManager}, in this process with {@link createSecretsManagerService}. */
export type { ActionName } from './actions/actions.ts';
export type {
  RotationEvent,
  RotationNotice,
  RotationStep,
  ServiceEvent,
} from './rotation-events.ts';
export type { Invoke } from './rotations.ts';
export type { Behaviour } from './secrets-manager-behaviour.ts';
export type { AwsError } from './secrets-manager-errors.ts';
export { type LocalSecretsManager, type LocalSecretsManagerOptions, startSecretsManager } from './server.ts';
export { createSecretsManagerService, type SecretsManagerService, type ServiceOptions } from './service.ts';
