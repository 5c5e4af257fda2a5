import { type App, Aws, Duration, Fn, Stack } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Alias, type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import type { MomentoKeyRotationProps, V2KeysProps } from '../../infra/index.ts';
import {
  ARN_START,
  listed,
  named,
  only,
  policy,
  type Resource,
  resources,
  statements,
  synth,
  text,
  waitedForBy,
} from './synth.ts';

type Synth = Parameters<typeof synth>[0];

const PLACE = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret';
const KEY_ARN = 'arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-1234-123456789012';
const adminByName = (scope: Construct) => Secret.fromSecretNameV2(scope, 'Admin', 'momento/admin');
/** With an admin secret, of which it has to be said what it may generate. */
const withAdmin = (adminSecret: ISecret, others: Partial<V2KeysProps> = {}): V2KeysProps => ({
  adminSecret,
  roleId: 'role-1',
  ...others,
});

/** The one that is rotated unless something else is said. */
const rotated = (scope: Construct) => scope.node.findChild('Secret-momento--key') as unknown as ISecret;

/** With `v2Keys`, and whatever else. */
const withV2 =
  (v2Keys: (scope: Construct) => V2KeysProps, others: Partial<MomentoKeyRotationProps> = {}): Synth =>
  (scope) => ({ ...others, v2Keys: v2Keys(scope) });
const scheduled = withV2(() => ({ revokeOnSchedule: true }));

/** What the function is told of Momento. */
const variables = (template: Template): Record<string, string> => {
  const [, { Properties }] = only(resources(template, 'AWS::Lambda::Function'));
  const all = (Properties['Environment'] as { Variables: Record<string, unknown> }).Variables;
  return Object.fromEntries(
    Object.entries(all)
      .filter(([name]) => name.startsWith('MOMENTO_'))
      .map(([name, value]) => [name, text(value)]),
  );
};
/** The one of a type whose logical id contains a name. */
const oneOf = (template: Template, name: string, type: string): [string, Resource] =>
  only(Object.fromEntries(Object.entries(resources(template, type)).filter(([id]) => id.includes(name))));
const isRevocation = ([, { Properties }]: [string, Resource]) =>
  JSON.stringify(Properties['Target']).includes('RevokeRetiredKeys');
/** The schedules that revoke. */
const revocations = (template: Template): Resource[] =>
  Object.entries(resources(template, 'AWS::Scheduler::Schedule'))
    .filter(isRevocation)
    .map(([, resource]) => resource);
const sids = (template: Template, name: string) => policy(template, name).map(({ Sid }) => Sid);

describe('without anything said about them', () => {
  const plain = synth().template;

  test('v2 keys are given no variable, no right, no schedule and no alarm', () => {
    expect(variables(plain)).toEqual({});
    expect(Object.keys(resources(plain)).filter((id) => /Revo|Admin/.test(id))).toEqual([]);
  });

  test('v2Keys: {} adds an alarm for each secret, and nothing else', () => {
    const { template } = synth(withV2(() => ({})));
    const { Resources, ...others } = template.toJSON();
    const added = Object.keys(Resources).filter((id) => id.includes('RevocationAlarm'));
    expect(added).toHaveLength(1);
    for (const id of added) delete Resources[id];
    expect({ Resources, ...others }).toEqual(plain.toJSON());
  });

  test('v2Keys: {} adds nothing at all without the daily check', () => {
    const { template } = synth(withV2(() => ({}), { dailyCheck: false }));
    expect(template.toJSON()).toEqual(synth(() => ({ dailyCheck: false })).template.toJSON());
  });
});

describe('the function is told', () => {
  test.each<[string, (scope: Construct) => V2KeysProps, Record<string, string>]>([
    [
      'the admin secret, and the role that it may generate keys of',
      (scope) => withAdmin(adminByName(scope)),
      { MOMENTO_ADMIN_SECRET: 'momento/admin', MOMENTO_ROLE_ID: 'role-1' },
    ],
    [
      'a role for one secret',
      (scope) => ({ adminSecret: adminByName(scope), roles: [{ secret: rotated(scope), roleId: 'role-1' }] }),
      { MOMENTO_ADMIN_SECRET: 'momento/admin', MOMENTO_ROLES: '{"momento/key":"role-1"}' },
    ],
    [
      'a role for one secret and for all others',
      (scope) => withAdmin(adminByName(scope), { roles: [{ secret: rotated(scope), roleId: 'role-2' }] }),
      {
        MOMENTO_ADMIN_SECRET: 'momento/admin',
        MOMENTO_ROLE_ID: 'role-1',
        MOMENTO_ROLES: '{"momento/key":"role-2"}',
      },
    ],
    [
      'no list of roles that is empty',
      (scope) => withAdmin(adminByName(scope), { roles: [], additionalAdminSecrets: [], revokeFirstKey: [] }),
      { MOMENTO_ADMIN_SECRET: 'momento/admin', MOMENTO_ROLE_ID: 'role-1' },
    ],
    [
      'several admin secrets, the default first',
      (scope) =>
        withAdmin(adminByName(scope), {
          additionalAdminSecrets: [
            Secret.fromSecretNameV2(scope, 'Second', 'momento/another-admin'),
            Secret.fromSecretCompleteArn(scope, 'Third', `${PLACE}:third-AbCdEf`),
          ],
        }),
      {
        MOMENTO_ADMIN_SECRET: `momento/admin,momento/another-admin,${PLACE}:third-AbCdEf`,
        MOMENTO_ROLE_ID: 'role-1',
      },
    ],
    [
      'that the first key of all secrets may be revoked',
      (scope) => ({ revokeFirstKey: [rotated(scope), rotated(scope)] }),
      { MOMENTO_REVOKE_FIRST_KEY: '*' },
    ],
    ['the lifetime, in days', () => ({ keyLifetime: Duration.days(90) }), { MOMENTO_KEY_LIFETIME_DAYS: '90' }],
    ['a lifetime in hours', () => ({ keyLifetime: Duration.hours(240) }), { MOMENTO_KEY_LIFETIME_DAYS: '10' }],
    ['the longest lifetime', () => ({ keyLifetime: Duration.days(3650) }), { MOMENTO_KEY_LIFETIME_DAYS: '3650' }],
    ['the overlap, in seconds', () => ({ overlap: Duration.hours(2) }), { MOMENTO_OVERLAP_SECONDS: '7200' }],
    ['the shortest overlap', () => ({ overlap: Duration.minutes(1) }), { MOMENTO_OVERLAP_SECONDS: '60' }],
    ['nothing of schedules that there are not', () => ({ revokeOnSchedule: false }), {}],
  ])('%s', (_, v2Keys, expected) => {
    const { template } = synth(withV2(v2Keys));
    expect(variables(template)).toEqual(expected);
    expect(revocations(template)).toEqual([]);
  });

  test('the longest overlap', () => {
    const { template } = synth(withV2(() => ({ overlap: Duration.days(365) }), { rotateEvery: Duration.days(366) }));
    expect(variables(template)).toEqual({ MOMENTO_OVERLAP_SECONDS: '31536000' });
  });

  test.each<[string, (scope: Construct) => ISecret, string]>([
    ['by name', (scope) => Secret.fromSecretNameV2(scope, 'One', 'momento/one'), 'momento/one'],
    ['by partial ARN', (scope) => Secret.fromSecretPartialArn(scope, 'One', `${PLACE}:momento/one`), 'momento/one'],
    [
      'by complete ARN',
      (scope) => Secret.fromSecretCompleteArn(scope, 'One', `${PLACE}:momento/one-AbCdEf`),
      'momento/one',
    ],
    [
      'by a name that is not known yet',
      (scope) => Secret.fromSecretNameV2(scope, 'One', Fn.importValue('Name')),
      '{"Fn::ImportValue":"Name"}',
    ],
    [
      'of the app',
      (scope) => new Secret(scope, 'One') as ISecret,
      expect.stringMatching(/^\$\{One[0-9A-F]{8}\}$/) as string,
    ],
    [
      'of the app, with a name',
      (scope) => new Secret(scope, 'One', { secretName: 'momento/one' }) as ISecret,
      expect.stringMatching(/^\$\{One[0-9A-F]{8}\}$/) as string,
    ],
    [
      'of another stack',
      (scope) => new Secret(new Stack(scope.node.root as App, 'Other'), 'One') as ISecret,
      expect.stringMatching(/ExportsOutputRefOne/) as string,
    ],
  ])('the role and the first key of a secret by what Secrets Manager knows it by: %s', (_, secretOf, id) => {
    const { template } = synth((scope) => {
      const secret = secretOf(scope);
      return {
        secrets: [secret, ...named(scope, ['two'])],
        v2Keys: withAdmin(adminByName(scope), {
          roles: [
            { secret, roleId: 'role "2"' },
            { secret: scope.node.findChild('Secret-two') as ISecret, roleId: 'role-3' },
          ],
          revokeFirstKey: [secret],
        }),
      };
    });
    const { MOMENTO_ROLES = '', MOMENTO_REVOKE_FIRST_KEY } = variables(template);
    expect(MOMENTO_REVOKE_FIRST_KEY).toEqual(id);
    // What CloudFormation fills in has no quotes.
    const filled = MOMENTO_ROLES.replaceAll(MOMENTO_REVOKE_FIRST_KEY as string, 'filled-in');
    expect(JSON.parse(filled)).toEqual({ 'filled-in': 'role "2"', two: 'role-3' });
  });

  test('the first keys of some secrets, by comma', () => {
    const { template } = synth((scope) => {
      const secrets = named(scope, ['a', 'b', 'c']);
      return { secrets, v2Keys: { revokeFirstKey: secrets.slice(1) } };
    });
    expect(variables(template)).toEqual({ MOMENTO_REVOKE_FIRST_KEY: 'b,c' });
  });

  test('the role of a secret that was imported in another way', () => {
    const { template } = synth((scope) => ({
      v2Keys: {
        adminSecret: adminByName(scope),
        roles: [
          { secret: Secret.fromSecretCompleteArn(scope, 'ByArn', `${PLACE}:momento/key-AbCdEf`), roleId: 'role-1' },
        ],
      },
    }));
    expect(variables(template)['MOMENTO_ROLES']).toBe('{"momento/key":"role-1"}');
  });

  test('a role that is not known yet', () => {
    const roleId = Fn.importValue('RoleId');
    const { template } = synth(
      withV2((scope) => ({ adminSecret: adminByName(scope), roleId, roles: [{ secret: rotated(scope), roleId }] })),
    );
    expect(variables(template)).toMatchObject({
      MOMENTO_ROLE_ID: '{"Fn::ImportValue":"RoleId"}',
      MOMENTO_ROLES: '{"momento/key":"{"Fn::ImportValue":"RoleId"}"}',
    });
  });

  test('no role, where the admin secret alone is rotated, which manages itself', () => {
    const { template } = synth((scope) => {
      const adminSecret = adminByName(scope);
      return { secrets: [adminSecret], v2Keys: { adminSecret } };
    });
    expect(variables(template)).toEqual({ MOMENTO_ADMIN_SECRET: 'momento/admin' });
  });

  test('of schedules only that there are some', () => {
    expect(variables(synth(scheduled).template)).toEqual({ MOMENTO_REVOKE_ON_SCHEDULE: 'true' });
  });
});

describe('the admin secret', () => {
  const read = (template: Template) =>
    policy(template, 'AdminSecretPolicy').map(({ Resource, ...statement }) => ({
      ...statement,
      Resource: text(Resource),
    }));

  test.each<[string, (scope: Construct) => ISecret, string, string]>([
    ['by name', adminByName, 'momento/admin', `${ARN_START}momento/admin-??????`],
    [
      'by partial ARN',
      (scope) => Secret.fromSecretPartialArn(scope, 'Admin', `${PLACE}:momento/admin`),
      'momento/admin',
      `${PLACE}:momento/admin-??????`,
    ],
    [
      'by ARN',
      (scope) => Secret.fromSecretCompleteArn(scope, 'Admin', `${PLACE}:momento/admin-AbCdEf`),
      `${PLACE}:momento/admin-AbCdEf`,
      `${PLACE}:momento/admin-AbCdEf`,
    ],
    [
      'by an ARN that is not known yet',
      (scope) => Secret.fromSecretCompleteArn(scope, 'Admin', Fn.importValue('AdminArn')),
      '{"Fn::ImportValue":"AdminArn"}',
      '{"Fn::ImportValue":"AdminArn"}',
    ],
  ])('is read, and nothing else is done to it: %s', (_, adminSecret, secretId, arn) => {
    const { template } = synth(withV2((scope) => withAdmin(adminSecret(scope))));
    expect(variables(template)['MOMENTO_ADMIN_SECRET']).toBe(secretId);
    expect(read(template)).toEqual([
      { Sid: 'ReadAdminSecret', Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: arn },
    ]);
    // It is not rotated by that.
    template.resourceCountIs('AWS::SecretsManager::RotationSchedule', 1);
    expect(sids(template, 'SecretsPolicy')).toEqual(['RotateSecrets']);
  });

  test('is named by its ARN when it is of the app', () => {
    const { template } = synth(withV2((scope) => withAdmin(new Secret(scope, 'Admin') as ISecret)));
    const [id] = only(resources(template, 'AWS::SecretsManager::Secret'));
    expect(variables(template)['MOMENTO_ADMIN_SECRET']).toBe(`\${${id}}`);
    expect(read(template)).toMatchObject([{ Sid: 'ReadAdminSecret', Resource: `\${${id}}` }]);
  });

  test('is decrypted with its key, through Secrets Manager alone', () => {
    const { template } = synth(
      withV2((scope) =>
        withAdmin(
          Secret.fromSecretAttributes(scope, 'Admin', {
            secretPartialArn: `arn:${Aws.PARTITION}:secretsmanager:${Aws.REGION}:${Aws.ACCOUNT_ID}:secret:admin`,
            encryptionKey: Key.fromKeyArn(scope, 'Key', KEY_ARN),
          }),
        ),
      ),
    );
    expect(policy(template, 'AdminSecretPolicy')[1]).toEqual({
      Sid: 'UseAdminSecretKey',
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: KEY_ARN,
      Condition: {
        StringEquals: {
          'kms:ViaService': { 'Fn::Join': ['', ['secretsmanager.', { Ref: 'AWS::Region' }, '.amazonaws.com']] },
        },
      },
    });
  });

  test.each<[string, (scope: Construct) => ISecret]>([
    ['the same object', (scope) => scope.node.findChild('Rotated') as unknown as ISecret],
    [
      'imported in another way',
      (scope) => Secret.fromSecretCompleteArn(scope, 'Admin', `${PLACE}:momento/admin-AbCdEf`),
    ],
  ])('may be one of those that are rotated, and may be read already: %s', (_, adminSecret) => {
    const { template } = synth((scope) => ({
      secrets: [...named(scope, ['a']), Secret.fromSecretNameV2(scope, 'Rotated', 'momento/admin')],
      v2Keys: withAdmin(adminSecret(scope)),
    }));
    expect(policy(template, 'AdminSecretPolicy')).toEqual([]);
    expect(variables(template)['MOMENTO_ADMIN_SECRET']).toMatch(/momento\/admin/);
    const [rotate, ...others] = policy(template, 'SecretsPolicy');
    expect(others).toEqual([]);
    expect(listed(rotate?.Action)).toHaveLength(4);
    expect(listed(rotate?.Resource).map(text)).toEqual([`${ARN_START}a-??????`, `${ARN_START}momento/admin-??????`]);
  });

  test('of the app may be one of those that are rotated, with its key', () => {
    const { template } = synth((scope) => {
      const secret = new Secret(scope, 'Owned', { encryptionKey: new Key(scope, 'Key') }) as ISecret;
      return { secrets: [secret], v2Keys: { adminSecret: secret } };
    });
    expect(policy(template, 'AdminSecretPolicy')).toEqual([]);
    expect(sids(template, 'SecretsPolicy')).toEqual(['RotateSecrets', 'UseEncryptionKeys']);
  });

  test('with the key of those that are rotated gives no second right to it', () => {
    const { template } = synth((scope) => {
      const encryptionKey = Key.fromKeyArn(scope, 'Key', KEY_ARN);
      const [rotated, adminSecret] = ['a', 'admin'].map((name) =>
        Secret.fromSecretAttributes(scope, name, { secretPartialArn: `${PLACE}:${name}`, encryptionKey }),
      ) as [ISecret, ISecret];
      return { secrets: [rotated], v2Keys: withAdmin(adminSecret) };
    });
    expect(sids(template, 'AdminSecretPolicy')).toEqual(['ReadAdminSecret']);
  });

  test('and additional ones are read, with the key of each, once, and without those that are rotated', () => {
    const { template } = synth((scope) => {
      const key = Key.fromKeyArn(scope, 'Key', KEY_ARN);
      const otherArn = `${KEY_ARN.slice(0, -1)}3`;
      const [adminSecret, second, third] = ['admin', 'second', 'third'].map((name, index) =>
        Secret.fromSecretAttributes(scope, name, {
          secretPartialArn: `${PLACE}:${name}`,
          encryptionKey: index < 2 ? key : Key.fromKeyArn(scope, 'Other', otherArn),
        }),
      ) as [ISecret, ISecret, ISecret];
      const [fourth] = named(scope, ['fourth']) as [ISecret];
      return {
        secrets: [...named(scope, ['a']), fourth],
        v2Keys: withAdmin(adminSecret, { additionalAdminSecrets: [second, fourth, third] }),
      };
    });
    expect(variables(template)['MOMENTO_ADMIN_SECRET']).toBe('admin,second,fourth,third');
    expect(read(template)).toEqual([
      {
        Sid: 'ReadAdminSecret',
        Effect: 'Allow',
        Action: 'secretsmanager:GetSecretValue',
        Resource: expect.anything(),
      },
      expect.objectContaining({ Sid: 'UseAdminSecretKey', Action: 'kms:Decrypt' }),
    ]);
    const [secrets, keys] = policy(template, 'AdminSecretPolicy').map(({ Resource }) => Resource);
    expect(secrets).toEqual(['admin', 'second', 'third'].map((name) => `${PLACE}:${name}-??????`));
    expect(keys).toEqual([KEY_ARN, `${KEY_ARN.slice(0, -1)}3`]);
  });
});

describe('scheduled revocation', () => {
  const { template } = synth(scheduled);
  const [lambdaId] = only(resources(template, 'AWS::Lambda::Function'));
  const [groupId] = only(resources(template, 'AWS::Scheduler::ScheduleGroup'));
  const [roleId, role] = oneOf(template, 'CheckRole', 'AWS::IAM::Role');
  const eventOf = (revocation: Resource) => text((revocation.Properties['Target'] as { Input: unknown }).Input);

  test('invokes the function every hour, without a window and without another try', () => {
    const [revocation, ...others] = revocations(template);
    expect(others).toEqual([]);
    expect(revocation?.Properties).toEqual({
      Description: 'Revokes Momento API keys that were superseded.',
      GroupName: { Ref: groupId },
      ScheduleExpression: 'rate(1 hour)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: { 'Fn::GetAtt': [lambdaId, 'Arn'] },
        RoleArn: { 'Fn::GetAtt': [roleId, 'Arn'] },
        Input: '{"RevokeRetiredKeys":["momento/key"]}',
        RetryPolicy: { MaximumRetryAttempts: 0 },
      },
    });
  });

  test.each([
    [Duration.hours(1), 'rate(1 hour)'],
    [Duration.minutes(120), 'rate(2 hours)'],
    [Duration.days(1), 'rate(1 day)'],
  ])('or as often as it is told: %s', (revocationInterval, expression) => {
    const { template } = synth(
      withV2(() => ({ revokeOnSchedule: true, revocationInterval }), { rotateEvery: Duration.days(7) }),
    );
    expect(revocations(template).map(({ Properties }) => Properties['ScheduleExpression'])).toEqual([expression]);
  });

  test.each([
    [25, [25]],
    [26, [25, 1]],
    [60, [25, 25, 10]],
  ])('names %i secrets in events of up to 25, each once', (count, sizes) => {
    const names = Array.from({ length: count }, (_, index) => `secret-${index}`);
    const { template } = synth((scope) => ({
      secrets: named(scope, names),
      v2Keys: { revokeOnSchedule: true },
    }));
    const events = revocations(template).map((revocation) => JSON.parse(eventOf(revocation)).RevokeRetiredKeys);
    expect(events.map(({ length }) => length)).toEqual(sizes);
    expect(events.flat()).toEqual(names);
  });

  test('names a secret of the app by its ARN', () => {
    const { template } = synth((scope) => ({
      secrets: [new Secret(scope, 'Owned') as ISecret],
      v2Keys: { revokeOnSchedule: true },
    }));
    const [revocation] = revocations(template);
    expect(revocation && eventOf(revocation)).toMatch(/^\{"RevokeRetiredKeys":\["\$\{Owned\w+\}"\]\}$/);
  });

  test("gives the function's role no further right, and makes no other role", () => {
    const rights = (of: Template) =>
      Object.entries({ ...resources(of, 'AWS::IAM::Policy'), ...resources(of, 'AWS::IAM::ManagedPolicy') });
    expect(rights(template)).toEqual(rights(synth().template));
    expect(statements(role)).toEqual(statements(oneOf(synth().template, 'CheckRole', 'AWS::IAM::Role')[1]));
    template.resourceCountIs('AWS::IAM::Role', 2);
    expect(JSON.stringify(template.toJSON())).not.toMatch(/sqs|CreateSchedule|PassRole/i);
  });

  test('comes once the keys are rotated, with all that this takes', () => {
    const [id] = Object.entries(resources(template, 'AWS::Scheduler::Schedule')).find(isRevocation) ?? [''];
    const [rotation] = only(resources(template, 'AWS::SecretsManager::RotationSchedule'));
    const [policyId] = oneOf(template, 'CheckPolicy', 'AWS::IAM::Policy');
    expect([...waitedForBy(template, id)]).toEqual(expect.arrayContaining([rotation, policyId]));
  });

  test('is there without the daily check as well, and so is its alarm', () => {
    const { template, rotation } = synth(withV2(() => ({ revokeOnSchedule: true }), { dailyCheck: false }));
    expect(revocations(template)).toHaveLength(1);
    template.resourceCountIs('AWS::Scheduler::Schedule', 1);
    expect(policy(template, 'CheckPolicy')).toEqual(policy(synth().template, 'CheckPolicy'));
    expect(rotation.alarms.map(({ node }) => node.id)).toEqual(['FailedAlarm', 'RevocationAlarm']);
  });

  test('adds nothing to who else may invoke the function', () => {
    const invokers = Object.entries(resources(template))
      .filter(([, resource]) => JSON.stringify(resource).includes('lambda:InvokeFunction'))
      .map(([id]) => id.replace(/[0-9A-F]{8}$/, ''));
    expect(invokers.sort()).toEqual(['RotationCheckPolicy', 'RotationInvocationmomentokey']);
  });
});

describe('the order of creation', () => {
  const { template } = synth((scope) => ({
    secrets: [
      new Secret(scope, 'Owned', { encryptionKey: new Key(scope, 'OwnedKey') }) as ISecret,
      ...named(scope, ['a']),
    ],
    v2Keys: {
      adminSecret: new Secret(scope, 'Admin', { encryptionKey: new Key(scope, 'AdminKey') }) as ISecret,
      roleId: 'role',
      revokeOnSchedule: true,
    },
    manualRotation: true,
    vpc: new Vpc(scope, 'Vpc', { maxAzs: 1 }) as IVpc,
    tracing: true,
    alarmTopic: new Topic(scope, 'Topic'),
    dashboard: true,
  }));
  const idOf = (name: string): string => {
    const [id, ...others] = Object.keys(resources(template)).filter((each) => each.startsWith(`Rotation${name}`));
    if (id === undefined || others.length > 0) throw new Error(`${name}: ${[id, ...others]}`);
    return id;
  };
  const [lambdaId] = oneOf(template, 'RotationFunction', 'AWS::Lambda::Function');

  test('each rotation schedule, whose creation starts a test, comes after every right and setting', () => {
    const schedules = Object.keys(resources(template, 'AWS::SecretsManager::RotationSchedule'));
    expect(schedules).toHaveLength(2);
    for (const schedule of schedules) {
      const before = waitedForBy(template, schedule);
      for (const name of ['AdminSecretPolicy', 'ManualRotationPolicy', 'SecretsPolicy']) {
        expect([...before], name).toContain(idOf(name));
      }
    }
  });

  test('the function comes after its rights, which do not wait for it', () => {
    expect([...waitedForBy(template, lambdaId)]).toContain(idOf('AdminSecretPolicy'));
    expect([...waitedForBy(template, idOf('AdminSecretPolicy'))]).not.toContain(lambdaId);
  });

  test('has no circle', () => {
    for (const id of Object.keys(resources(template))) {
      for (const other of waitedForBy(template, id)) {
        expect(waitedForBy(template, other).has(id), `${id} and ${other}`).toBe(false);
      }
    }
  });

  test('has an admin secret of another stack first', () => {
    const { stack, template } = synth(
      withV2((scope) => withAdmin(new Secret(new Stack(scope.node.root as App, 'Other'), 'Admin') as ISecret)),
    );
    expect(sids(template, 'AdminSecretPolicy')).toEqual(['ReadAdminSecret']);
    expect(stack.dependencies.map(({ stackName }) => stackName)).toEqual(['Other']);
  });
});

describe('alarms', () => {
  const alarmOf = (template: Template, name: string) => oneOf(template, name, 'AWS::CloudWatch::Alarm')[1];

  test("ring for a secret's keys that were not revoked, two days in a row", () => {
    const { template } = synth(withV2(() => ({})));
    const { Properties, DependsOn } = alarmOf(template, 'RevocationAlarm');
    expect(Properties).toMatchObject({
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      EvaluationPeriods: 2,
      TreatMissingData: 'notBreaching',
      WarmUpConfiguration: { WarmUpPeriodDurationInMinutes: 2880 },
      Metrics: expect.arrayContaining([expect.objectContaining({ Expression: 'FILL(daily, 0)' })]),
    });
    expect(text(Properties['AlarmDescription'])).toMatch(
      /^momento\/key: .* still work.*docs\/runbook\.md what to do\.$/,
    );
    expect(DependsOn?.some((id) => id.includes('Check'))).toBe(true);
  });

  test('are among those of the construct, and go to the topic, also when they are over', () => {
    const { template, rotation } = synth((scope) => ({
      secrets: named(scope, ['a', 'b']),
      alarmTopic: new Topic(scope, 'Topic'),
      v2Keys: { revokeOnSchedule: true },
    }));
    const [topic] = only(resources(template, 'AWS::SNS::Topic'));
    expect(rotation.alarms.map(({ node }) => node.id)).toEqual([
      'FailedAlarm',
      ...['a', 'b'].flatMap(() => ['OverdueAlarm', 'ExpiryAlarm', 'RevocationAlarm']),
    ]);
    for (const [id, { Properties }] of Object.entries(resources(template, 'AWS::CloudWatch::Alarm'))) {
      expect(Properties['AlarmActions']).toEqual([{ Ref: topic }]);
      expect(Properties['OKActions']).toEqual(id.includes('FailedAlarm') ? undefined : [{ Ref: topic }]);
    }
  });

  test('on failures speak of revocations only where there are scheduled ones', () => {
    const description = (props: Synth) => alarmOf(synth(props).template, 'FailedAlarm').Properties['AlarmDescription'];
    expect(text(description(scheduled))).toMatch(
      /^The rotation of .*, its daily check, or the revocation of .* failed\./,
    );
    expect(description(withV2(() => ({})))).toEqual(description(() => ({})));
  });
});

test('the dashboard shows keys that await revocation, and revocations that failed, of all secrets', () => {
  const titles = (props: Partial<MomentoKeyRotationProps>) => {
    const { template } = synth((scope) => ({ secrets: named(scope, ['a', 'b']), dashboard: true, ...props }));
    const [, dashboard] = only(resources(template, 'AWS::CloudWatch::Dashboard'));
    const { widgets } = JSON.parse(text(dashboard.Properties['DashboardBody'])) as {
      widgets: { properties: { title: string } }[];
    };
    return widgets.map(({ properties }) => properties.title);
  };
  const added = ['Keys that await revocation', 'Revocations that failed'];
  expect(titles({ v2Keys: {} }).filter((title) => !titles({}).includes(title))).toEqual(added);
  // Scheduled runs tell as well how many keys await revocation.
  expect(titles({ v2Keys: {}, dailyCheck: false })).toEqual(expect.arrayContaining(added));
});

describe('says what to write instead of', () => {
  test.each<[string, (scope: Construct) => V2KeysProps, string]>([
    [
      'a role without an admin secret',
      () => ({ roleId: 'role' }),
      'roleId needs adminSecret: roles are what it may generate keys of. Give the secret with a v2 key that may manage others, or leave the role out',
    ],
    [
      'roles without an admin secret',
      (scope) => ({ roles: [{ secret: rotated(scope), roleId: 'role' }] }),
      'roles needs adminSecret: roles are what it may generate keys of.',
    ],
    [
      'an admin secret without a role',
      (scope) => ({ adminSecret: adminByName(scope) }),
      'adminSecret is given, but no role that it may generate keys of. Give roleId, the id of the role for all secrets, or roles, with a role for each; or leave adminSecret out: each v2 key then manages itself.',
    ],
    [
      'additional admin secrets without a default',
      (scope) => ({ additionalAdminSecrets: [adminByName(scope)] }),
      'additionalAdminSecrets needs adminSecret, which manages the keys of all secrets that choose none.',
    ],
    [
      'an admin secret given twice',
      (scope) =>
        withAdmin(adminByName(scope), {
          additionalAdminSecrets: [Secret.fromSecretNameV2(scope, 'Again', 'momento/admin')],
        }),
      'Stack/Again is given twice in adminSecret and additionalAdminSecrets. Leave one of them out.',
    ],
    [
      'more admin secrets than a policy holds',
      (scope) =>
        withAdmin(adminByName(scope), {
          additionalAdminSecrets: ['x', 'y', 'z'].map((name) => Secret.fromSecretNameV2(scope, name, name.repeat(512))),
        }),
      '4 admin secrets do not fit into a policy. Give fewer additionalAdminSecrets, or secrets with names that are shorter and known at synthesis; or share the secrets out over several MomentoKeyRotation constructs.',
    ],
    [
      'a role of a secret that is not rotated',
      (scope) =>
        withAdmin(adminByName(scope), {
          roles: [
            { secret: rotated(scope), roleId: 'role' },
            { secret: Secret.fromSecretNameV2(scope, 'Foreign', 'foreign'), roleId: 'role' },
          ],
        }),
      'roles[1].secret, which is Stack/Foreign, is not among secrets. Add it there, or leave it out here.',
    ],
    [
      'two roles of a secret',
      (scope) =>
        withAdmin(adminByName(scope), {
          roles: [
            { secret: rotated(scope), roleId: 'role' },
            { secret: rotated(scope), roleId: 'another' },
          ],
        }),
      'roles[1].secret has a role already. Give each secret one, by leaving one of them out.',
    ],
    [
      'an empty role of a secret',
      (scope) => withAdmin(adminByName(scope), { roles: [{ secret: rotated(scope), roleId: '' }] }),
      'roles[0].roleId is empty. Write the id of the role that v2 keys are to have, or leave it out.',
    ],
    [
      'the first key of a secret that is not rotated',
      (scope) => ({ revokeFirstKey: [adminByName(scope)] }),
      'revokeFirstKey[0], which is Stack/Admin, is not among secrets. Add it there, or leave it out here.',
    ],
    [
      'an empty role',
      (scope) => withAdmin(adminByName(scope), { roleId: ' ' }),
      'roleId is empty. Write the id of the role that v2 keys are to have, or leave it out.',
    ],
    [
      'a lifetime of hours',
      () => ({ keyLifetime: Duration.hours(36) }),
      'keyLifetime is Duration.hours(36). Write whole days, from Duration.days(1) to Duration.days(3650).',
    ],
    ['no lifetime', () => ({ keyLifetime: Duration.days(0) }), 'Write whole days, from Duration.days(1)'],
    ['a lifetime of eleven years', () => ({ keyLifetime: Duration.days(3651) }), 'to Duration.days(3650).'],
    [
      'a lifetime that rings every time',
      () => ({ keyLifetime: Duration.days(6) }),
      'keyLifetime is Duration.days(6), and keys must live longer than the longest time between two rotations (Duration.hours(48)) and expiryNotice (Duration.days(4)) together. Write Duration.days(7) or more, rotate more often, or shorten expiryNotice.',
    ],
    [
      'an overlap of seconds',
      () => ({ overlap: Duration.seconds(90) }),
      'overlap is Duration.seconds(90). Write whole minutes, from Duration.minutes(1) to Duration.days(365).',
    ],
    ['no overlap', () => ({ overlap: Duration.minutes(0) }), 'Write whole minutes, from Duration.minutes(1)'],
    ['an overlap of more than a year', () => ({ overlap: Duration.days(366) }), 'to Duration.days(365).'],
    [
      'a key by alias',
      (scope) => ({
        adminSecret: Secret.fromSecretAttributes(scope, 'Admin', {
          secretPartialArn: `${PLACE}:admin`,
          encryptionKey: Alias.fromAliasName(scope, 'Alias', 'alias/mine') as IKey,
        }),
      }),
      'The encryption key of the secret admin is given by an alias, which a policy cannot name.',
    ],
  ])('%s', (_, v2Keys, message) => {
    expect(() => synth(withV2(v2Keys))).toThrow(message);
  });

  test.each([
    ['region', 'us-east-1', '123456789012', "Give an adminSecret of the stack's region: a replica there will do."],
    ['account', 'eu-west-1', '210987654321', "Give an adminSecret of the stack's account."],
  ])('an admin secret of another %s', (_, region, account, message) => {
    const env = { region: 'eu-west-1', account: '123456789012' };
    const arn = `arn:aws:secretsmanager:${region}:${account}:secret:admin-AbCdEf`;
    expect(() =>
      synth(
        withV2((scope) => withAdmin(Secret.fromSecretCompleteArn(scope, 'Admin', arn))),
        { env },
      ),
    ).toThrow(message);
  });

  const overlapOf = (overlap: Duration, others: Partial<MomentoKeyRotationProps>) => () =>
    synth(withV2(() => ({ overlap }), others));

  // The time between two windows less a window, or half of it.
  test.each<[string, Partial<MomentoKeyRotationProps>, number]>([
    ['a day, and a window that is as long', {}, 12],
    ['a day, and a window of an hour', { rotationWindow: Duration.hours(1) }, 23],
    ['four hours, and a window of one', { rotateEvery: Duration.hours(4) }, 3],
    ['a week, and a window of a day', { rotateEvery: Duration.days(7) }, 144],
    ['cron() every day until midnight', { cron: 'cron(0 20 * * ? *)' }, 20],
    [
      'cron() with longer times between than on most days',
      { cron: 'cron(0 2 ? * MON-FRI *)', rotationWindow: Duration.hours(3) },
      21,
    ],
    ['cron() twice a day', { cron: 'cron(0 2/12 * * ? *)' }, 11],
  ])('an overlap that the next rotation comes before: %s', (_, schedule, hours) => {
    const most = Duration.hours(hours);
    const minute = Duration.minutes(1);
    const tooLong = most.plus(minute);
    expect(overlapOf(most, schedule)).not.toThrow();
    const message = `overlap is ${tooLong}, and keys might never be revoked: the next rotation may come before it is over. Write ${most} or less, which is the time between two rotations less the rotation window, or half of that time; or rotate less often.`;
    expect(overlapOf(tooLong, schedule)).toThrow(message);
    expect(() => synth(withV2(() => ({ overlap: tooLong, revokeOnSchedule: true }), schedule))).toThrow(message);
  });

  const revoking =
    (v2Keys: V2KeysProps, others: Partial<MomentoKeyRotationProps> = {}) =>
    () =>
      synth(withV2(() => ({ revokeOnSchedule: true, ...v2Keys }), others));

  test('an interval of revocation without revocation on schedule', () => {
    for (const revokeOnSchedule of [{}, { revokeOnSchedule: false }]) {
      expect(() => synth(withV2(() => ({ revocationInterval: Duration.hours(2), ...revokeOnSchedule })))).toThrow(
        'revocationInterval is for revokeOnSchedule, which is not true. Write revokeOnSchedule: true, or leave revocationInterval out.',
      );
    }
  });

  test.each([Duration.minutes(30), Duration.minutes(90), Duration.hours(0), Duration.hours(25), Duration.days(2)])(
    'an interval of revocation of %s',
    (revocationInterval) => {
      expect(revoking({ revocationInterval }, { rotateEvery: Duration.days(30) })).toThrow(
        `revocationInterval is ${revocationInterval}. Write whole hours, from Duration.hours(1) to Duration.hours(24).`,
      );
    },
  );

  test.each<[string, Partial<MomentoKeyRotationProps>, Duration | undefined, Duration | undefined, string]>([
    [
      'an hour each, the defaults',
      { rotateEvery: Duration.hours(4) },
      undefined,
      Duration.hours(2),
      'Duration.hours(3)',
    ],
    ['an overlap of hours', {}, Duration.hours(11), undefined, 'Duration.hours(12)'],
    ['an interval of hours', {}, undefined, Duration.hours(11), 'Duration.hours(12)'],
    ['both', { rotateEvery: Duration.days(7) }, Duration.hours(132), Duration.hours(12), 'Duration.hours(144)'],
  ])(
    'an overlap and an interval of revocation that the next rotation comes before: %s',
    (_, schedule, ...durations) => {
      const [overlap, revocationInterval, most] = durations;
      const props = { ...(overlap && { overlap }), ...(revocationInterval && { revocationInterval }) };
      expect(revoking(props, schedule)).not.toThrow();
      const longer = (overlap ?? Duration.hours(1)).plus(Duration.minutes(1));
      expect(revoking({ ...props, overlap: longer }, schedule)).toThrow(
        `overlap (${longer}) and revocationInterval (${revocationInterval ?? Duration.hours(1)}) together are longer than ${most}, and keys might never be revoked on schedule: the next rotation may come before. Make them ${most} together or less, which is the time between two rotations less the rotation window, or half of that time; or rotate less often, or leave revokeOnSchedule out.`,
      );
      // Rotations alone revoke in time.
      expect(overlapOf(longer, schedule)).not.toThrow();
    },
  );

  test('but a short lifetime is as it should be with a short notice, or without the check', () => {
    const keyLifetime = Duration.days(3);
    expect(() => synth(withV2(() => ({ keyLifetime }), { expiryNotice: Duration.hours(12) }))).not.toThrow();
    expect(() => synth(withV2(() => ({ keyLifetime }), { dailyCheck: false }))).not.toThrow();
  });
});
