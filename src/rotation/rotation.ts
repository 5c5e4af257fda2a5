import type { Budget } from './budget.ts';
import type { CredentialKind } from './credential.ts';
import type { VersionMemory } from './memory.ts';
import type { Report } from './report.ts';
import type { Secret } from './secret.ts';
import type { SecretDescription, SecretStore } from './secret-store.ts';

/** What a step is done with. */
export interface RotationTask {
  /** The secret's ARN. */
  secretId: string;
  /** The version in rotation: the event's `ClientRequestToken`. */
  versionId: string;
  /** The event's `RotationToken`. Sensitive. */
  rotationToken: string | undefined;
  store: SecretStore;
  kind: CredentialKind;
  budget: Budget;
  memory: VersionMemory;
  report: Report;
  /**
   * What becomes of the credentials before the one that was promoted, where the service keeps a registry of them. Never rejects.
   * @param before the secret as the step found it
   */
  retire?(rotation: Rotation, before: SecretDescription): Promise<void>;
}

/** One step of one rotation at work. */
export interface Rotation extends Omit<RotationTask, 'secretId' | 'store' | 'budget'> {
  secret: Secret;
}
