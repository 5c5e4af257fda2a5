import type { AnswerTo } from './answered-client.ts';

export const SECRET_ID = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:unreal-000000';

/** The version in rotation. */
export const PENDING = '00000000-0000-4000-8000-000000000001';
const CURRENT = '00000000-0000-4000-8000-000000000000';

const DAYS = 24 * 60 * 60;

/**
 * What Secrets Manager answers about a secret that is being rotated, with a v1 key whose account lives at `endpoint`: what was put can be
 * read, and else nothing changes.
 */
export function unrealSecret(endpoint: string): AnswerTo {
  const now = Math.floor(Date.now() / 1000);
  const stages: Record<string, string[]> = { [CURRENT]: ['AWSCURRENT'], [PENDING]: ['AWSPENDING'] };
  const apiKey = Buffer.from(JSON.stringify({ endpoint, api_key: 'unreal' })).toString('base64');
  const values = new Map([
    [CURRENT, JSON.stringify({ apiKey, refreshToken: 'unreal', validUntil: String(now + 10 * DAYS) })],
  ]);

  return (action, { VersionId: versionId = CURRENT, SecretString: secretString = '' }) => {
    if (action === 'DescribeSecret') {
      const rules = { ScheduleExpression: 'rate(10 days)', AutomaticallyAfterDays: 10 };
      const facts = { ARN: SECRET_ID, Name: 'unreal', VersionIdsToStages: stages, LastRotatedDate: now - 10 * DAYS };
      return { status: 200, body: { ...facts, RotationEnabled: true, RotationRules: rules } };
    }
    if (action === 'PutSecretValue') values.set(PENDING, secretString);
    const value = values.get(versionId);
    if (value === undefined) {
      return { status: 400, body: { __type: 'ResourceNotFoundException', Message: 'It has no value.' } };
    }
    const labels = stages[versionId];
    const version = { ARN: SECRET_ID, VersionId: versionId, VersionStages: labels, CreatedDate: now };
    return { status: 200, body: { ...version, SecretString: value } };
  };
}
