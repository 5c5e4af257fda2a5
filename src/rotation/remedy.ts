import type { Rotation } from './rotation.ts';

/** What a human does, as commands to copy. They name the secret and the version, and never a value. */

type Names = Pick<Rotation, 'secretId' | 'kind'>;

export function storeFreshValue({ secretId, kind }: Names): string {
  return `${kind.wording.howToReplace} Then store it: aws secretsmanager put-secret-value --secret-id ${secretId} --secret-string file://FILE`;
}

export function takePendingOff({ secretId }: Names, versionId: string): string {
  return `aws secretsmanager update-secret-version-stage --secret-id ${secretId} --version-stage AWSPENDING --remove-from-version-id ${versionId}`;
}

export function rotateAgain({ secretId }: Pick<Names, 'secretId'>): string {
  return `aws secretsmanager rotate-secret --secret-id ${secretId}`;
}
