import type { CredentialKind } from './credential.ts';
import { holderOf, type SecretDescription } from './secret-store.ts';

/** What a human does, as commands to copy. They name the secret and the version, and never a value. */

export function storeFreshValue(secretId: string, { wording }: Pick<CredentialKind, 'wording'>): string {
  return `${wording.howToReplace} Then store it: aws secretsmanager put-secret-value --secret-id ${secretId} --secret-string file://FILE`;
}

export function takePendingOff(secretId: string, versionId: string): string {
  return `aws secretsmanager update-secret-version-stage --secret-id ${secretId} --version-stage AWSPENDING --remove-from-version-id ${versionId}`;
}

export function rotateAgain(secretId: string): string {
  return `aws secretsmanager rotate-secret --secret-id ${secretId}`;
}

/** Where rotation is off. */
export function turnRotationOn(secretId: string, description: SecretDescription): string {
  const pending = versionInTheWay(description);
  const first = pending === undefined ? '' : `take AWSPENDING off (${takePendingOff(secretId, pending)}), then `;
  return `To turn it on: ${first}${rotateAgain(secretId)}`;
}

/** The version on which `AWSPENDING` keeps Secrets Manager from starting another rotation. */
export function versionInTheWay(description: SecretDescription): string | undefined {
  const pending = holderOf(description, 'AWSPENDING');
  return pending === holderOf(description, 'AWSCURRENT') ? undefined : pending;
}
