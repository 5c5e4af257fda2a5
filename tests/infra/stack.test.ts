import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createStack } from '../../infra/create-stack.ts';
import { ARN_START, listed, newApp, only, policy, resources, statements, text } from './synth.ts';

function synthStack(context: Record<string, unknown> = {}, environment: Record<string, string> = {}) {
  const app = newApp(context);
  const stack = createStack(app, environment);
  const notes = stack.node.metadata.filter(({ type }) => type === 'aws:cdk:info').map(({ data }) => String(data));
  const stackNames = app.node.children.map(({ node }) => node.id);
  return { template: Template.fromStack(stack), notes, stackNames };
}
const schedules = (template: Template) =>
  Object.values(resources(template, 'AWS::SecretsManager::RotationSchedule')).map(({ Properties }) => Properties);
const outputs = (template: Template): Record<string, string> =>
  Object.fromEntries(
    Object.entries(template.toJSON()['Outputs'] ?? {}).map(([name, output]) => [
      name,
      text((output as { Value: unknown }).Value),
    ]),
  );
const API_KEY = Buffer.from('{"endpoint":"cell.momentohq.com","api_key":"inner"}').toString('base64');
const KEY_ARN = 'arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-1234-123456789012';

describe('context values', () => {
  test('may all be left out: the default secret, which exists, every day', () => {
    const { template, notes } = synthStack();
    expect(schedules(template)).toMatchObject([
      {
        SecretId: 'momento/authentication-token',
        RotationRules: { ScheduleExpression: 'rate(1 day)' },
        RotateImmediatelyOnUpdate: false,
      },
    ]);
    for (const type of ['AWS::SecretsManager::Secret', 'AWS::SNS::Topic', 'AWS::CloudWatch::Dashboard']) {
      template.resourceCountIs(type, 0);
    }
    expect(notes).toEqual([]);
    expect(outputs(template)).toMatchObject({
      RotateNow: 'aws secretsmanager rotate-secret --secret-id momento/authentication-token',
      FunctionName: expect.stringMatching(/^\$\{.*Function.*\}$/),
      LogGroupName: expect.stringMatching(/^\$\{.*Log.*\}$/),
    });
  });

  test.each([
    ['by comma', 'momento/a, momento/b'],
    ['as a list in cdk.json', ['momento/a', 'momento/b']],
  ])('secretNames: several %s', (_, secretNames) => {
    expect(schedules(synthStack({ secretNames }).template).map(({ SecretId }) => SecretId)).toEqual([
      'momento/a',
      'momento/b',
    ]);
  });

  test.each([
    ['12h', 'rate(12 hours)'],
    ['30d', 'rate(30 days)'],
    ['7 d', 'rate(7 days)'],
  ])('rotateEvery: %s', (rotateEvery, ScheduleExpression) => {
    expect(schedules(synthStack({ rotateEvery }).template)).toMatchObject([{ RotationRules: { ScheduleExpression } }]);
  });

  test.each([
    ['12h', 0.5],
    ['6d', 6],
  ])('expiryNotice: %s', (expiryNotice, Threshold) => {
    const { template } = synthStack({ expiryNotice });
    const [alarm] = Object.entries(resources(template, 'AWS::CloudWatch::Alarm')).filter(([id]) =>
      id.includes('Expiry'),
    );
    expect(alarm?.[1].Properties).toMatchObject({ Threshold });
  });

  test.each([
    ['rotation', { kmsKeyArn: KEY_ARN }, 'AWS::SecretsManager::RotationSchedule'],
    ['creation', { createSecrets: 'true' }, 'AWS::SecretsManager::Secret'],
  ])('secretNames may differ in nothing but / and --: %s', (_, context, type) => {
    const secretNames = 'a/b,a--b,a-/b,a/-b';
    synthStack({ secretNames, ...context }).template.resourceCountIs(type, 4);
  });

  test('several secrets are rotated by one command', () => {
    expect(outputs(synthStack({ secretNames: 'a,b/c' }).template)['RotateNow']).toBe(
      'for secret in a b/c; do aws secretsmanager rotate-secret --secret-id $secret; done',
    );
  });

  test('kmsKeyArn: the role may use the key, and the secret still goes by its name', () => {
    const { template } = synthStack({ kmsKeyArn: KEY_ARN });
    const allowed = Object.values(resources(template, 'AWS::IAM::Policy')).flatMap(statements);
    expect(allowed.find(({ Sid }) => Sid === 'UseEncryptionKeys')?.Resource).toBe(KEY_ARN);
    expect(schedules(template)).toMatchObject([{ SecretId: 'momento/authentication-token' }]);
    const [check] = Object.values(resources(template, 'AWS::Scheduler::Schedule'));
    expect(check?.Properties).toMatchObject({ Target: { Input: '{"CheckSecrets":["momento/authentication-token"]}' } });
  });

  test.each([['momentohq.com, momento.example'], [['momentohq.com', 'momento.example']]])(
    'hosts: %j, which adds no alarm on v2 keys',
    (hosts) => {
      const { template } = synthStack({ hosts });
      const [, lambda] = only(resources(template, 'AWS::Lambda::Function'));
      expect(lambda.Properties).toMatchObject({
        Environment: { Variables: { MOMENTO_HOSTS: 'momentohq.com,momento.example' } },
      });
      expect(Object.keys(resources(template)).filter((id) => id.includes('RevocationAlarm'))).toEqual([]);
    },
  );

  test('logKmsKeyArn: of the log, and not of the secrets', () => {
    const { template } = synthStack({ logKmsKeyArn: KEY_ARN });
    const [, log] = only(resources(template, 'AWS::Logs::LogGroup'));
    expect(log.Properties).toMatchObject({ KmsKeyId: KEY_ARN });
    const allowed = Object.values(resources(template, 'AWS::IAM::Policy')).flatMap(statements);
    expect(JSON.stringify(allowed)).not.toContain('kms:');
  });

  test('pingCache and dashboard', () => {
    const { template } = synthStack({ pingCache: 'sessions', dashboard: true });
    const [lambda] = Object.values(resources(template, 'AWS::Lambda::Function'));
    expect(lambda?.Properties).toMatchObject({ Environment: { Variables: { MOMENTO_PING_CACHE: 'sessions' } } });
    template.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
    expect(outputs(template)).toHaveProperty('DashboardName');
  });

  describe('of v2 keys', () => {
    /** With an admin secret, which needs to be told of which roles. */
    const ofTwo = { secretNames: 'momento/a,momento/b=c', adminSecretName: 'momento/admin' };
    const variables = (template: Template): Record<string, unknown> => {
      const [, { Properties }] = only(resources(template, 'AWS::Lambda::Function'));
      const all = (Properties['Environment'] as { Variables: Record<string, unknown> }).Variables;
      return Object.fromEntries(Object.entries(all).filter(([name]) => name.startsWith('MOMENTO_')));
    };
    const alarmed = (template: Template) =>
      Object.keys(resources(template, 'AWS::CloudWatch::Alarm')).some((id) => id.includes('RevocationAlarm'));

    test('are none by default', () => {
      const { template } = synthStack();
      expect(variables(template)).toEqual({});
      expect(alarmed(template)).toBe(false);
    });

    test.each<[Record<string, unknown>, Record<string, string>]>([
      [
        { adminSecretName: 'momento/admin, momento/second', roleId: 'role-1' },
        { MOMENTO_ADMIN_SECRET: 'momento/admin,momento/second', MOMENTO_ROLE_ID: 'role-1' },
      ],
      [
        { ...ofTwo, roles: 'momento/a=role-1, momento/b=c=role-2' },
        { MOMENTO_ADMIN_SECRET: 'momento/admin', MOMENTO_ROLES: '{"momento/a":"role-1","momento/b=c":"role-2"}' },
      ],
      [
        { ...ofTwo, roles: 'momento/a=role-1,*=role-2' },
        {
          MOMENTO_ADMIN_SECRET: 'momento/admin',
          MOMENTO_ROLE_ID: 'role-2',
          MOMENTO_ROLES: '{"momento/a":"role-1"}',
        },
      ],
      [
        { ...ofTwo, roles: { 'momento/a': 'role-1', '*': 'role-2' }, roleId: 'role-2' },
        {
          MOMENTO_ADMIN_SECRET: 'momento/admin',
          MOMENTO_ROLE_ID: 'role-2',
          MOMENTO_ROLES: '{"momento/a":"role-1"}',
        },
      ],
      [
        { ...ofTwo, roles: '*=role-1' },
        { MOMENTO_ADMIN_SECRET: 'momento/admin', MOMENTO_ROLE_ID: 'role-1' },
      ],
      [{ secretNames: 'momento/a,momento/b', revokeFirstKey: 'momento/b' }, { MOMENTO_REVOKE_FIRST_KEY: 'momento/b' }],
      [{ secretNames: 'momento/a,momento/b', revokeFirstKey: '*' }, { MOMENTO_REVOKE_FIRST_KEY: '*' }],
      [
        { adminSecretName: 'momento/admin', roleId: 'role-1' },
        { MOMENTO_ADMIN_SECRET: 'momento/admin', MOMENTO_ROLE_ID: 'role-1' },
      ],
      [{ keyLifetime: '90d' }, { MOMENTO_KEY_LIFETIME_DAYS: '90' }],
      [{ overlap: '30m' }, { MOMENTO_OVERLAP_SECONDS: '1800' }],
      [{ overlap: '2 h' }, { MOMENTO_OVERLAP_SECONDS: '7200' }],
      [{ overlap: '1d', rotateEvery: '2d' }, { MOMENTO_OVERLAP_SECONDS: '86400' }],
      [{ revokeOnSchedule: false }, {}],
    ])('%j', (context, expected) => {
      const { template } = synthStack(context);
      expect(variables(template)).toEqual(expected);
      expect(alarmed(template)).toBe(true);
      // Only those of the checks.
      expect(JSON.stringify(template.toJSON())).not.toContain('RevokeRetiredKeys');
    });

    test('revokeOnSchedule: with a schedule besides that of the check', () => {
      const { template } = synthStack({ revokeOnSchedule: 'true' });
      expect(JSON.stringify(template.toJSON())).toContain(
        '{\\"RevokeRetiredKeys\\":[\\"momento/authentication-token\\"]}',
      );
      expect(variables(template)).toEqual({ MOMENTO_REVOKE_ON_SCHEDULE: 'true' });
    });

    test('adminSecretName: the function may read it, with the key of the secrets', () => {
      const { template } = synthStack({
        adminSecretName: 'momento/admin,momento/second',
        roleId: 'role-1',
        kmsKeyArn: KEY_ARN,
      });
      const [read, ...others] = policy(template, 'AdminSecretPolicy');
      expect(read).toMatchObject({ Sid: 'ReadAdminSecret', Action: 'secretsmanager:GetSecretValue' });
      expect(listed(read?.Resource).map(text)).toEqual(
        ['momento/admin', 'momento/second'].map((name) => `${ARN_START}${name}-??????`),
      );
      // The policy on the rotated secrets has it already.
      expect(others).toEqual([]);
    });

    test('adminSecretName may be one of secretNames', () => {
      const { template } = synthStack({
        secretNames: 'a,momento/admin',
        adminSecretName: 'momento/admin',
        roleId: 'role-1',
      });
      expect(variables(template)).toEqual({ MOMENTO_ADMIN_SECRET: 'momento/admin', MOMENTO_ROLE_ID: 'role-1' });
      expect(schedules(template).map(({ SecretId }) => SecretId)).toEqual(['a', 'momento/admin']);
      expect(policy(template, 'AdminSecretPolicy')).toEqual([]);
    });

    test('are put out by the stack that creates the secrets, for the deployment after it', () => {
      const { template } = synthStack({
        createSecrets: 'true',
        adminSecretName: ['momento/admin', 'momento/second'],
        roles: { 'momento/authentication-token': 'role-1', '*': 'role-2' },
        overlap: '30m',
      });
      expect(outputs(template)['AttachRotation']).toBe(
        "npx cdk deploy -c adminSecretName=momento/admin,momento/second -c roles='momento/authentication-token=role-1,*=role-2' -c overlap=30m",
      );
    });
  });

  test('alarmEmail: a topic that CloudWatch of this account may publish to, over TLS only', () => {
    const { template } = synthStack({ alarmEmail: 'on-call@example.com' });
    template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'on-call@example.com' });
    const [policy] = Object.values(resources(template, 'AWS::SNS::TopicPolicy'));
    const [tls, alarms] = policy === undefined ? [] : statements(policy);
    expect(tls).toMatchObject({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
    expect(alarms).toMatchObject({
      Effect: 'Allow',
      Action: 'sns:Publish',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    });
    for (const { Properties } of Object.values(resources(template, 'AWS::CloudWatch::Alarm'))) {
      expect(listed(Properties['AlarmActions'] as unknown[])).toHaveLength(1);
    }
    template.resourceCountIs('AWS::Events::Rule', 1);
  });
});

describe('secrets that the stack creates', () => {
  const created = { createSecrets: 'true', secretNames: 'momento/a,momento/b', kmsKeyArn: KEY_ARN };
  const secretsOf = (template: Template) => Object.values(resources(template, 'AWS::SecretsManager::Secret'));

  test('are empty, encrypted with the key, and kept, unless the deployment that creates them fails', () => {
    const secrets = secretsOf(synthStack(created).template);
    expect(secrets.map(({ Properties }) => Properties)).toEqual(
      ['momento/a', 'momento/b'].map((Name) => ({
        Name,
        Description: 'A Momento API key, rotated.',
        KmsKeyId: KEY_ARN,
      })),
    );
    for (const secret of secrets)
      expect(secret).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  });

  test('have no schedule before they hold keys, and outputs that say what to do', () => {
    const { template } = synthStack(created);
    expect(Object.values(resources(template)).map(({ Type }) => Type)).toEqual(
      Array(2).fill('AWS::SecretsManager::Secret'),
    );
    expect(outputs(template)).toEqual({
      StoreKey1:
        'aws secretsmanager put-secret-value --secret-id momento/a --secret-string file://momento_token.info.json',
      StoreKey2:
        'aws secretsmanager put-secret-value --secret-id momento/b --secret-string file://momento_token.info.json',
      AttachRotation: `npx cdk deploy -c secretNames=momento/a,momento/b -c kmsKeyArn=${KEY_ARN}`,
    });
  });

  test('get their schedules with the second deployment, by the command that the first one put out', () => {
    const options = (outputs(synthStack(created).template)['AttachRotation'] ?? '').split(' -c ').slice(1);
    const context = Object.fromEntries(options.map((option) => option.split('=')));
    expect(schedules(synthStack(context).template).map(({ SecretId }) => SecretId)).toEqual(['momento/a', 'momento/b']);
  });

  test('are in a stack of their own: no deployment of the one stack changes the other, whatever is forgotten', () => {
    const names = [created, { createSecrets: 'true' }].map((context) => synthStack(context).stackNames);
    const attached = [{ ...created, createSecrets: 'false' }, {}].map((context) => synthStack(context).stackNames);
    expect(names).toEqual([['MomentoSecrets'], ['MomentoSecrets']]);
    expect(attached).toEqual([['MomentoKeyRotation'], ['MomentoKeyRotation']]);
  });
});

describe("the predecessor's environment variables", () => {
  test('are understood, with a line that says what they are called now', () => {
    const { template, notes } = synthStack(
      {},
      { MOMENTO_AUTH_TOKEN_SECRET_NAME: 'one,two', AUTO_ROTATION_IN_DAYS: '5', KMS_KEY_ARN: KEY_ARN },
    );
    expect(schedules(template)).toMatchObject([
      { SecretId: 'one', RotationRules: { ScheduleExpression: 'rate(5 days)' } },
      { SecretId: 'two', RotationRules: { ScheduleExpression: 'rate(5 days)' } },
    ]);
    expect(JSON.stringify(template.toJSON())).toContain(KEY_ARN);
    expect(notes).toEqual([
      expect.stringContaining(
        'MOMENTO_AUTH_TOKEN_SECRET_NAME is now the context value secretNames: -c secretNames=one,two. It is taken for now.',
      ),
      expect.stringContaining(
        'AUTO_ROTATION_IN_DAYS is now the context value rotateEvery: -c rotateEvery=5d. It is taken for now.',
      ),
      expect.stringContaining(
        `KMS_KEY_ARN is now the context value kmsKeyArn: -c kmsKeyArn=${KEY_ARN}. It is taken for now.`,
      ),
    ]);
  });

  test('give way to context values, and say so', () => {
    const { template, notes } = synthStack({ secretNames: 'new' }, { MOMENTO_AUTH_TOKEN_SECRET_NAME: 'old' });
    expect(schedules(template)).toMatchObject([{ SecretId: 'new' }]);
    expect(notes).toEqual([expect.stringContaining('It is ignored, since that is given.')]);
  });

  test('are named when they are wrong', () => {
    expect(() => synthStack({}, { AUTO_ROTATION_IN_DAYS: 'weekly' })).toThrow(
      'AUTO_ROTATION_IN_DAYS is not a number of days. Write one, like 7, or leave it out and write -c rotateEvery=7d',
    );
    expect(() => synthStack({}, { AUTO_ROTATION_IN_DAYS: '0' })).toThrow(
      'rotateEvery (from AUTO_ROTATION_IN_DAYS) is 0d. Write whole hours or days, from 4h to 1000d: Secrets Manager takes no others.',
    );
    expect(() => synthStack({ rotateEvery: '7d' }, { AUTO_ROTATION_IN_DAYS: 'weekly' })).not.toThrow();
  });

  test('do no harm when they are empty', () => {
    expect(synthStack({}, { KMS_KEY_ARN: '' }).notes).toEqual([]);
  });
});

test.each([
  [
    { secretNames: 'a,,b' },
    'secretNames: entry 2 is not the name of a secret. Write names of up to 512 letters, digits and /_+=.@-, separated by commas: -c secretNames=momento/one,momento/two',
  ],
  [{ secretNames: 'my key' }, 'secretNames: entry 1 is not the name of a secret. Write names'],
  [
    { secretNames: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf' },
    "secretNames: entry 1 is an ARN. Write the secret's name.",
  ],
  [{ secretNames: 'a,b,a' }, 'secretNames: entry 3 is there twice. Write each name once.'],
  [
    { rotateEvery: 'daily' },
    'rotateEvery is not a duration. Write hours or days, from 4h to 1000d: -c rotateEvery=12h',
  ],
  [{ expiryNotice: 'soon' }, 'expiryNotice is not a duration. Write hours or days, from 1h: -c expiryNotice=4d'],
  [{ expiryNotice: '0h' }, 'expiryNotice is 0h. Write an hour or more, for example 4d.'],
  [
    { rotateEvery: '3h' },
    'rotateEvery is 3h. Write whole hours or days, from 4h to 1000d: Secrets Manager takes no others.',
  ],
  [
    { keyLifetime: '4d' },
    'keyLifetime is 4d, and keys must live longer than the longest time between two rotations (48h) and expiryNotice (4d) together. Write 7d or more, rotate more often, or shorten expiryNotice.',
  ],
  [
    { overlap: '12h', revokeOnSchedule: 'true' },
    'overlap (12h) and the time between two scheduled revocations (1h) together are longer than 12h, and keys might never be revoked on schedule: the next rotation may come before. Make them 12h together or less,',
  ],
  [
    { secretNames: Array.from({ length: 76 }, (_, index) => `a${index}`) },
    'secretNames has 76, 0 of them with names that are longer',
  ],
  [{ secretName: 'a' }, 'secretName is not a context value. Did you mean secretNames? Write -c secretNames=…'],
  [{ rotateevery: '3d' }, 'rotateevery is not a context value. Did you mean rotateEvery? Write -c rotateEvery=…'],
  [{ 'rotate-every': '3d', rotateEvery: '3d' }, 'rotate-every is not a context value. Did you mean rotateEvery?'],
  [{ adminSecretNames: 'a' }, 'Did you mean adminSecretName?'],
  [{ kmsKey: KEY_ARN }, 'kmsKey is not a context value. Did you mean kmsKeyArn?'],
  [{ host: 'momentohq.com' }, 'host is not a context value. Did you mean hosts?'],
  [{ secrets: 'a' }, 'secrets is not a context value. Did you mean secretNames? Write -c secretNames=…'],
  [{ secret: 'a' }, 'secret is not a context value. Did you mean secretNames?'],
  [{ logEncryptionKey: KEY_ARN }, 'logEncryptionKey is not a context value. Did you mean logKmsKeyArn?'],
  [
    { cron: '0 8 * * ? *' },
    'cron is a property of the construct, and not a context value. Leave it out, or use MomentoKeyRotation in an app of your own.',
  ],
  [{ revocationInterval: '2h' }, 'revocationInterval is a property of the construct, and not a context value.'],
  [{ pingCache: API_KEY }, 'pingCache holds an API key. Give the name of a cache.'],
  [{ pingCache: 'ü' }, 'pingCache is not the name of a cache: give it in ASCII letters, digits and punctuation.'],
  [{ pingCache: 'ü', createSecrets: 'true' }, 'pingCache is not the name of a cache'],
  [{ rotateEvery: '3h', createSecrets: 'true' }, 'rotateEvery is 3h. Write whole hours or days'],
  [{ logKmsKeyArn: 'alias/mine' }, 'logKmsKeyArn is not the ARN of a key. Write the ARN of a key, not of an alias: -c'],
  [{ secretNames: API_KEY }, 'secretNames: entry 1 is an API key. Store that in a secret, and write the name'],
  [{ adminSecretName: 'a', roleId: API_KEY }, 'roleId holds an API key. Give ids of roles, as the Momento console'],
  [{ adminSecretName: 'a', roles: `*=${API_KEY}` }, 'roles: entry 1 holds an API key. Give ids of roles'],
  [{ kmsKeyArn: 'arn:aws:kms:eu-west-1:123456789012:alias/mine' }, 'Write the ARN of a key, not of an alias'],
  [{ alarmEmail: 'nobody' }, 'alarmEmail is not an address. Write one: -c alarmEmail=on-call@example.com'],
  [
    { adminSecretName: 'admin,my admin' },
    'adminSecretName: entry 2 is not the name of a secret. Write names of up to 512 letters, digits and /_+=.@-, separated by commas: -c adminSecretName=momento/admin',
  ],
  [
    { adminSecretName: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf' },
    "adminSecretName: entry 1 is an ARN. Write the secret's name.",
  ],
  [{ adminSecretName: 'admin,admin' }, 'adminSecretName: entry 2 is there twice. Write each name once.'],
  [
    { adminSecretName: 'admin' },
    'adminSecretName is given, but no role that it may generate keys of. Give roleId, the id of the role for all secrets, or roles, with a role for each',
  ],
  [
    { roleId: 'role' },
    'roleId needs adminSecretName: roles are what an admin secret may generate keys of. Name the secret with a v2 key that may manage others: -c adminSecretName=momento/admin',
  ],
  [{ roles: '*=role' }, 'roles needs adminSecretName: roles are what an admin secret may generate keys of.'],
  ...['role', '=role', '*=', '*=role,', '*=my role', ',', { a: '' }].map((roles): [object, string] => [
    { adminSecretName: 'admin', roles },
    "is not a secret's name, an equals sign and the id of a role. Write for example -c roles='momento/payments=ROLE,*=ROLE'",
  ]),
  [
    { adminSecretName: 'admin', secretNames: 'a', roles: 'a=role,b=role' },
    'roles: entry 2 is not of a secret in secretNames. Write a name as it is there, or add it there.',
  ],
  [
    { adminSecretName: 'admin', secretNames: 'a', roles: 'a=role,a=another' },
    'roles: entry 2 is of a secret that has a role already. Write one.',
  ],
  [
    { adminSecretName: 'admin', roles: '*=role', roleId: 'another' },
    'roleId and the * of roles are two roles for the same secrets. Write one of them.',
  ],
  [
    { revokeFirstKey: 'momento/authentication-token,b' },
    'revokeFirstKey: entry 2 is not of a secret in secretNames. Write a name as it is there, or add it there.',
  ],
  [{ revokeFirstKey: 'my key' }, 'revokeFirstKey: entry 1 is not the name of a secret.'],
  [
    { hosts: 'momentohq.com,https://momentohq.com' },
    'hosts: entry 2 is not a domain. Write its name alone, in lower case, like momentohq.com',
  ],
  [
    { overlap: '1d' },
    'overlap is 1d, and keys might never be revoked: the next rotation may come before it is over. Write 12h or less',
  ],
  [{ keyLifetime: '12h' }, 'keyLifetime is 12h. Write days, from 1d to 3650d: -c keyLifetime=90d'],
  [{ keyLifetime: '4000d' }, 'keyLifetime is 4000d. Write whole days, from 1d to 3650d.'],
  [{ overlap: '90' }, 'overlap is not a duration. Write minutes, hours or days, from 1m to 365d: -c overlap=30m'],
  [{ overlap: '0m' }, 'overlap is 0m. Write whole minutes, from 1m to 365d.'],
  [
    { revokeOnSchedule: 'yes' },
    'revokeOnSchedule is neither true nor false. Write one of them: -c revokeOnSchedule=true',
  ],
  [{ rotateEvery: '5m' }, 'rotateEvery is 5m. Write hours or days, from 4h to 1000d'],
  [{ createSecrets: 'yes' }, 'createSecrets is neither true nor false. Write one of them: -c createSecrets=true'],
  [{ dashboard: '1' }, 'dashboard is neither true nor false. Write one of them: -c dashboard=true'],
] as [Record<string, unknown>, string][])('says what to write instead of %j', (context, message) => {
  expect(() => synthStack(context)).toThrow(message);
  // In one line, and not in the words of code, which nobody here has written.
  expect(() => synthStack(context)).toThrow(
    expect.objectContaining({ name: 'ConfigurationError', message: expect.stringMatching(/^(?!.*Duration\.).*$/) }),
  );
});

test.each([
  'secretNames',
  'rotateEvery',
  'kmsKeyArn',
  'logKmsKeyArn',
  'pingCache',
  'hosts',
  'alarmEmail',
  'dashboard',
  'adminSecretName',
  'roleId',
  'roles',
  'revokeFirstKey',
  'overlap',
])('what is wrong in %s is not repeated: it may be a key in the wrong place', (name) => {
  for (const value of ['eyJh secret', 'arn:eyJhsecret', 'eyJhsecret,eyJhsecret', 'eyJhsecret=', 'eyJhsecret=role']) {
    const said = (() => {
      try {
        synthStack({ ...(name.startsWith('role') && { adminSecretName: 'admin' }), [name]: value });
        return '';
      } catch (error) {
        return String(error);
      }
    })();
    expect(said).not.toContain('eyJh');
  }
});

test('a value that a shell would read in another way is quoted', () => {
  const { template } = synthStack({ createSecrets: 'true', pingCache: "cache's" });
  expect(outputs(template)['AttachRotation']).toContain(`-c pingCache='cache'\\''s'`);
});

test.each([
  ['owner'],
  ['cron-jobs'],
  ['@aws-cdk/core:newStyleStackSynthesis'],
  ['aws:cdk:bundling-stacks'],
  ['stage'],
  ['vpcId'],
  [''],
])('what is not like any of them is left to others: %s', (name) => {
  expect(() => synthStack({ [name]: 'x' })).not.toThrow();
});

describe('the program', () => {
  let outdir: string;
  beforeAll(() => {
    outdir = mkdtempSync(join(tmpdir(), 'app-'));
  });
  afterAll(() => rmSync(outdir, { recursive: true }));

  const run = (context: object) =>
    promisify(execFile)(process.execPath, ['--import', 'tsx', 'infra/app.ts'], {
      env: { ...process.env, CDK_CONTEXT_JSON: JSON.stringify(context), CDK_OUTDIR: outdir },
    }).then(
      () => ({ code: 0, stderr: '', stdout: '' }),
      ({ code, stderr, stdout }) => ({ code, stderr, stdout }),
    );

  test('says what is wrong in one line, and leaves nothing to deploy', async () => {
    expect(await run({ rotateevery: '3d' })).toEqual({
      code: 1,
      stdout: '',
      stderr: 'rotateevery is not a context value. Did you mean rotateEvery? Write -c rotateEvery=…\n',
    });
    expect(readdirSync(outdir)).toEqual([]);
  });
});
