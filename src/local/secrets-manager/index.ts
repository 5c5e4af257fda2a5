/** A local AWS Secrets Manager: over HTTP with {@link startSecretsManager}, in this process with {@link createSecretsManagerService}. */
export type { ActionName } from './actions/index.ts';
export type { Behaviour } from './behaviour.ts';
export type { AwsError } from './errors.ts';
export type {
  RotationEvent,
  RotationNotice,
  RotationStep,
  ServiceEvent,
} from './events.ts';
export type { Invoke } from './rotation.ts';
export { type LocalSecretsManager, type LocalSecretsManagerOptions, startSecretsManager } from './server.ts';
export { createSecretsManagerService, type SecretsManagerService, type ServiceOptions } from './service.ts';
