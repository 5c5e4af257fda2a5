import type {
  CancelRotateSecretRequest,
  CancelRotateSecretResponse,
  RotateSecretRequest,
  RotateSecretResponse,
} from '@aws-sdk/client-secrets-manager';
import { type Schedule, scheduleOf } from '../schedule.ts';
import { accessDenied, invalidParameter, invalidRequest } from '../secrets-manager-errors.ts';
import { pendingVersion, type Secret } from '../stored-secret.ts';
import type { Context } from './context.ts';

export function rotateSecret(context: Context, input: RotateSecretRequest): RotateSecretResponse {
  const token = input.ClientRequestToken;
  if (token === undefined)
    throw invalidParameter('You must provide a ClientRequestToken value. We recommend a UUID-type value.');
  const schedule = input.RotationRules && scheduleOf(input.RotationRules);
  const secret = context.secrets.findWritable(input.SecretId);
  const answer = { ARN: secret.arn, Name: secret.name, VersionId: token };
  const functionArn = input.RotationLambdaARN || secret.rotationLambdaArn;
  if (!functionArn) throw invalidRequest('No Lambda rotation function ARN is associated with this secret.');
  if (!context.rotation.canInvoke(functionArn))
    throw accessDenied(
      'Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to ' +
        'the principal secretsmanager.amazonaws.com.',
    );
  if (context.behaviour.rotateWithSameToken === 'answered' && secret.rotatedTokens.has(token)) return answer;
  if (pendingVersion(secret))
    throw invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.");
  if (secret.versions.has(token)) throw invalidParameter('ClientRequestToken names a version that exists.');
  configure(context, secret, functionArn, input, schedule);
  secret.rotatedTokens.add(token);
  context.rotation.start(secret, input.RotateImmediately === false ? 'test' : 'rotation', token);
  return answer;
}

function configure(
  context: Context,
  secret: Secret,
  functionArn: string,
  input: RotateSecretRequest,
  schedule: Schedule | undefined,
): void {
  const turnedOn = !secret.rotationEnabled;
  secret.rotationEnabled = true;
  secret.rotationLambdaArn = functionArn;
  if (input.RotationRules) {
    secret.rotationRules = { ...input.RotationRules };
    if (schedule) secret.schedule = schedule;
    else delete secret.schedule;
  }
  // From then on the date moves only when a rotation succeeded.
  if (!turnedOn && !input.RotationRules) return;
  if (secret.schedule) secret.nextRotationDate = secret.schedule.next(context.now());
  else delete secret.nextRotationDate;
}

export function cancelRotateSecret(context: Context, input: CancelRotateSecretRequest): CancelRotateSecretResponse {
  const secret = context.secrets.findWritable(input.SecretId);
  if (!secret.rotationLambdaArn)
    throw invalidRequest('No Lambda rotation function ARN is associated with this secret.');
  secret.rotationEnabled = false;
  secret.lastChangedDate = context.now();
  context.rotation.abandon(secret, 'cancelled');
  return { ARN: secret.arn, Name: secret.name, VersionId: pendingVersion(secret)?.id };
}
