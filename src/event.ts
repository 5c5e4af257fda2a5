import { RotationError } from './rotation/errors.ts';
import { type StepName, steps } from './rotation/steps.ts';

/** What the function is asked to do. */
export type Request =
  /** One step of a rotation, asked for by Secrets Manager. */
  | { kind: 'step'; step: StepName; secretId: string; versionId: string; rotationToken: string | undefined }
  /** Start a rotation, asked for by hand. */
  | { kind: 'rotate'; secretId: string }
  /** Tell how secrets are doing, asked for by a schedule. */
  | { kind: 'check'; secretIds: string[] }
  /** Revoke what nobody uses any more, asked for by a recurring schedule with a list, or by hand with one secret. */
  | { kind: 'revoke'; secretIds: string[]; isByHand: boolean };

/** An event that the function does not know. The message shows the shapes that it does, and never the event. */
class InvalidEventError extends RotationError {
  constructor(problem: string) {
    super(
      'operator',
      `${problem} Accepted are the events of Secrets Manager, ` +
        `{"Step": ${Object.keys(steps).join(' | ')}, "SecretId": ARN, "ClientRequestToken": version id, "RotationToken"?: token}, ` +
        `to start a rotation by hand {"SecretId": name or ARN} or {"momento_auth_token_secret_name": name or ARN}, ` +
        `to check secrets {"CheckSecrets": [name or ARN, …]}, ` +
        `and to revoke retired keys {"RevokeRetiredKeys": name or ARN, or [name or ARN, …]}.`,
    );
    this.name = 'InvalidEventError';
  }
}

/** Tells a text that is a credential itself, and must not be sent to anybody as a name. */
type IsCredential = (text: string) => boolean;

/** What the service takes for the name of a secret, or its ARN, whole or without the characters that it adds. */
const SECRET_ID = /^(arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:)?[\w/+=.@-]{1,519}$/;

/** The most characters of the name of a version (API reference, `ClientRequestToken`). */
const LONGEST_VERSION_ID = 64;

/**
 * Reads the function's event (user guide, "Rotation by Lambda function"; the shapes that start a rotation by hand are
 * those of the published `api-key-refresh-lambda`).
 *
 * Nothing that it names has been looked up: it must not be spoken about yet.
 *
 * @throws RotationError (operator), named `InvalidEventError`
 */
export function readEvent(event: unknown, isCredential: IsCredential): Request {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    throw new InvalidEventError('The event is not a JSON object.');
  }
  const fields = event as Record<string, unknown>;
  if (fields['momento_auth_token_secret_name'] !== undefined) {
    return { kind: 'rotate', secretId: secretIn(fields, 'momento_auth_token_secret_name', isCredential) };
  }
  if (fields['CheckSecrets'] !== undefined) {
    return { kind: 'check', secretIds: secretsIn(fields, 'CheckSecrets', isCredential) };
  }
  if (fields['RevokeRetiredKeys'] !== undefined) {
    const isByHand = typeof fields['RevokeRetiredKeys'] === 'string';
    const read = isByHand ? secretIn : secretsIn;
    return { kind: 'revoke', secretIds: [read(fields, 'RevokeRetiredKeys', isCredential)].flat(), isByHand };
  }

  const secretId = secretIn(fields, 'SecretId', isCredential);
  if (Object.keys(fields).length === 1) return { kind: 'rotate', secretId };

  const step = text(fields, 'Step');
  if (!isStepName(step)) throw new InvalidEventError('The event\'s field "Step" is not one of the four steps.');
  const versionId = text(fields, 'ClientRequestToken');
  if (versionId.length > LONGEST_VERSION_ID) {
    throw new InvalidEventError('The event\'s field "ClientRequestToken" is not the name of a version.');
  }
  return {
    kind: 'step',
    step,
    secretId,
    versionId,
    rotationToken: fields['RotationToken'] === undefined ? undefined : text(fields, 'RotationToken'),
  };
}

function secretIn(fields: Record<string, unknown>, name: string, isCredential: IsCredential): string {
  const secretId = text(fields, name);
  requireSecretId(name, secretId, isCredential);
  return secretId;
}

function secretsIn(fields: Record<string, unknown>, name: string, isCredential: IsCredential): string[] {
  const secretIds = texts(fields, name);
  for (const each of secretIds) requireSecretId(name, each, isCredential);
  return secretIds;
}

function requireSecretId(name: string, secretId: string, isCredential: IsCredential): void {
  if (!SECRET_ID.test(secretId) || isCredential(secretId)) {
    throw new InvalidEventError(`The event's field "${name}" holds something else than the name or ARN of a secret.`);
  }
}

function text(fields: Record<string, unknown>, name: string): string {
  const value = fields[name];
  if (value === undefined) throw new InvalidEventError(`The event's field "${name}" is missing.`);
  if (!isText(value)) {
    throw new InvalidEventError(`The event's field "${name}" is not a non-empty string.`);
  }
  return value;
}

function texts(fields: Record<string, unknown>, name: string): string[] {
  const value = fields[name];
  if (!Array.isArray(value) || value.length === 0 || !value.every(isText)) {
    throw new InvalidEventError(`The event's field "${name}" is not a list of non-empty strings.`);
  }
  return value;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function isStepName(step: string): step is StepName {
  return Object.hasOwn(steps, step);
}
