import { Stack } from 'aws-cdk-lib';
import { type Conditions, ManagedPolicy, Policy, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct, IDependable } from 'constructs';
import { ConfigurationError } from './configuration-error.ts';
import { inGroups } from './groups.ts';
import type { AdminSecret, RotatedSecret } from './secrets.ts';

/** What the four steps and the daily check call. */
const STEP_ACTIONS = [
  'secretsmanager:DescribeSecret',
  'secretsmanager:GetSecretValue',
  'secretsmanager:PutSecretValue',
  'secretsmanager:UpdateSecretVersionStage',
];

/**
 * Characters of ARNs in a policy. IAM allows 6,144 in a managed policy, and 10,240 in all inline policies of a role
 * together, not counting white space (IAM user guide, "IAM and AWS STS quotas"); the rest is for what is around the ARNs.
 */
const POLICY_ARN_BUDGET = 5_000;

/** As above, of admin secrets and their keys: what the role's other inline policies leave. */
const ADMIN_ARN_BUDGET = 1_500;

/** `arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-…`, with a little room. */
const KEY_ARN_LENGTH = 100;

/**
 * Lets the role work on exactly these secrets, and use their keys through Secrets Manager alone.
 *
 * @param manual let the function start rotations too
 * @returns what has to be there before the function may be invoked
 */
export function grantAccess(
  scope: Construct,
  { role, lambda, secrets, manual }: { role: Role; lambda: IFunction; secrets: RotatedSecret[]; manual: boolean },
): IDependable[] {
  // One inline policy, and fewer managed ones than the ten that a role may have: a stack has no room for more secrets.
  const groups = inGroups(secrets, POLICY_ARN_BUDGET, ({ arnLength, key }, group) => {
    const isNewKey = key !== undefined && !group.some((other) => other.key?.keyArn === key.keyArn);
    // A quote on either side, and a comma.
    return arnLength + 3 + (isNewKey ? KEY_ARN_LENGTH + 3 : 0);
  });

  const actions = manual ? [...STEP_ACTIONS, 'secretsmanager:RotateSecret'] : STEP_ACTIONS;
  const policies: (Policy | ManagedPolicy)[] = groups.map((group, index) => {
    const statements = [
      new PolicyStatement({ sid: 'RotateSecrets', actions, resources: group.map(({ policyArn }) => policyArn) }),
      ...keyStatements(scope, group),
    ];
    return index === 0
      ? new Policy(scope, 'SecretsPolicy', { roles: [role], statements })
      : new ManagedPolicy(scope, `SecretsPolicy${index + 1}`, { roles: [role], statements });
  });
  if (manual) {
    // Who calls RotateSecret must also be allowed to invoke the rotation function. Apart from the role's other policies:
    // the function waits for those that it needs to run.
    const self = new PolicyStatement({
      sid: 'StartRotation',
      actions: ['lambda:InvokeFunction'],
      resources: [lambda.functionArn],
    });
    policies.push(new Policy(scope, 'ManualRotationPolicy', { roles: [role], statements: [self] }));
  }
  return policies;
}

/**
 * Lets the role read the secrets with the keys that manage others, but for those that it rotates, and may read already.
 *
 * @returns what has to be there before the function may be invoked
 * @throws ConfigurationError if they do not fit into a policy
 */
export function grantAdminSecrets(
  scope: Construct,
  {
    role,
    adminSecrets,
    secrets,
  }: { role: Role; adminSecrets: readonly AdminSecret[]; secrets: readonly RotatedSecret[] },
): IDependable[] {
  const others = adminSecrets.filter(({ id }) => !secrets.some((secret) => secret.id === id));
  const rotatedKeys = keyArnsOf(secrets);
  const otherKeys = keyArnsOf(adminSecrets).filter((arn) => !rotatedKeys.includes(arn));
  const length = others.reduce((sum, { arnLength }) => sum + arnLength, otherKeys.length * KEY_ARN_LENGTH);
  if (length > ADMIN_ARN_BUDGET) {
    throw new ConfigurationError(
      ({ property }) =>
        `${adminSecrets.length} admin secrets do not fit into a policy. Give fewer ${property('additionalAdminSecrets')}, or secrets with names that are shorter and known at synthesis; or share the secrets out over several MomentoKeyRotation constructs.`,
    );
  }
  const statements = [
    ...(others.length === 0
      ? []
      : [
          new PolicyStatement({
            sid: 'ReadAdminSecret',
            actions: ['secretsmanager:GetSecretValue'],
            resources: others.map(({ policyArn }) => policyArn),
          }),
        ]),
    ...(otherKeys.length === 0
      ? []
      : [
          new PolicyStatement({
            sid: 'UseAdminSecretKey',
            actions: ['kms:Decrypt'],
            resources: otherKeys,
            conditions: viaSecretsManager(scope),
          }),
        ]),
  ];
  return statements.length === 0 ? [] : [new Policy(scope, 'AdminSecretPolicy', { roles: [role], statements })];
}

/** The customer-managed keys of secrets, each once. */
function keyArnsOf(secrets: readonly AdminSecret[]): string[] {
  return [...new Set(secrets.flatMap(({ key }) => (key === undefined ? [] : [key.keyArn])))];
}

function keyStatements(scope: Construct, secrets: RotatedSecret[]): PolicyStatement[] {
  const resources = keyArnsOf(secrets);
  if (resources.length === 0) return [];
  return [
    new PolicyStatement({
      sid: 'UseEncryptionKeys',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources,
      conditions: viaSecretsManager(scope),
    }),
  ];
}

/** The condition of a statement on encryption keys: only when Secrets Manager uses them for the role. */
function viaSecretsManager(scope: Construct): Conditions {
  return { StringEquals: { 'kms:ViaService': `secretsmanager.${Stack.of(scope).region}.amazonaws.com` } };
}
