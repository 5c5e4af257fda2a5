import type { Task } from './rotation.ts';

/** What a human does, as commands to copy. They name the secret and the version, and never a value. */

type Secret = Pick<Task, 'secretId'>;

export function storeFreshValue({ secretId, kind }: Pick<Task, 'secretId' | 'kind'>): string {
  return `${kind.wording.howToReplace} Then store it: aws secretsmanager put-secret-value --secret-id ${secretId} --secret-string file://FILE`;
}

export function takePendingOff({ secretId }: Secret, versionId: string): string {
  return `aws secretsmanager update-secret-version-stage --secret-id ${secretId} --version-stage AWSPENDING --remove-from-version-id ${versionId}`;
}

export function rotateAgain({ secretId }: Secret): string {
  return `aws secretsmanager rotate-secret --secret-id ${secretId}`;
}
