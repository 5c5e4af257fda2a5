import { type App, Aws, Duration, Fn, NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type IVpc, SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Alias, type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { MomentoKeyRotation } from '../../infra/index.ts';
import { eventReader } from '../../src/event.ts';
import { looksLikeApiKey } from '../../src/momento/encoded-key.ts';
import { readSettings } from '../../src/settings.ts';
import {
  ARN_START,
  emptyStack,
  listed,
  manyNames,
  named,
  only,
  policy,
  resources,
  type Statement,
  statements,
  synth,
  text,
  waitedForBy,
} from './synth.ts';

const API_KEY = Buffer.from('{"endpoint":"cell.momentohq.com","api_key":"inner"}').toString('base64');
const STEP_ACTIONS = ['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'].map(
  (action) => `secretsmanager:${action}`,
);

describe('the function', () => {
  test('runs the bundle on Node.js 24 and arm64, with 256 MB, for 60 seconds, with a log in JSON', () => {
    const { template } = synth();
    const [, lambda] = only(resources(template, 'AWS::Lambda::Function'));
    expect(lambda.Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: 256,
      Timeout: 60,
      Environment: { Variables: { NODE_OPTIONS: '--max-semi-space-size=4 --max-old-space-size=231 --v8-pool-size=1' } },
      LoggingConfig: { LogFormat: 'JSON', LogGroup: { Ref: only(resources(template, 'AWS::Logs::LogGroup'))[0] } },
    });
    expect(lambda.Properties).not.toHaveProperty('VpcConfig');
    expect(lambda.Properties).not.toHaveProperty('TracingConfig');
    expect(lambda.Metadata?.['aws:asset:path']).toMatch(/dist\/lambda$/);
    expect(lambda.Metadata?.['aws:asset:is-bundled']).toBe(false);
  });

  test('keeps its log for a year, or as long as it is told, and when the stack goes', () => {
    const [, byDefault] = only(resources(synth().template, 'AWS::Logs::LogGroup'));
    expect(byDefault).toMatchObject({ Properties: { RetentionInDays: 365 }, DeletionPolicy: 'Retain' });
    const { template } = synth(() => ({ logRetention: RetentionDays.ONE_MONTH }));
    expect(only(resources(template, 'AWS::Logs::LogGroup'))[1].Properties).toEqual({ RetentionInDays: 30 });
  });

  describe('encrypts its log with a key', () => {
    const KEY_ARN = 'arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-1234-123456789012';
    const logOf = (template: Template) => only(resources(template, 'AWS::Logs::LogGroup'));
    const lettingIn = (template: Template) => {
      const [, key] = only(resources(template, 'AWS::KMS::Key'));
      const { Statement } = key.Properties['KeyPolicy'] as { Statement: Statement[] };
      return Statement.filter(({ Sid }) => Sid === 'EncryptRotationLog');
    };
    const forLog = (pattern: string) => [
      {
        Effect: 'Allow',
        Principal: { Service: { 'Fn::Join': ['', ['logs.', { Ref: 'AWS::Region' }, '.amazonaws.com']] } },
        Action: ['kms:Decrypt*', 'kms:Describe*', 'kms:Encrypt*', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
        Resource: '*',
        Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': expect.anything() } },
        Sid: 'EncryptRotationLog',
        pattern,
      },
    ];
    const withPattern = (found: Statement[]) =>
      found.map((statement) => {
        const { ArnLike } = statement.Condition as { ArnLike: Record<string, unknown> };
        const arn = text(ArnLike['kms:EncryptionContext:aws:logs:arn']);
        return { ...statement, pattern: arn.slice(arn.indexOf(':logs:')) };
      });
    const placeOf = (name: string) => `:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:${name}`;

    test('of the app, whose policy lets CloudWatch Logs use it for this log group, and waits for nothing', () => {
      const { template } = synth((scope) => ({ logEncryptionKey: new Key(scope, 'Key') }));
      const [logId, log] = logOf(template);
      const [keyId] = only(resources(template, 'AWS::KMS::Key'));
      expect(log.Properties['KmsKeyId']).toEqual({ 'Fn::GetAtt': [keyId, 'Arn'] });
      expect(withPattern(lettingIn(template))).toEqual(forLog(placeOf(`Stack-${logId}-*`)));
      expect([...waitedForBy(template, keyId)]).toEqual([]);
    });

    test('of another stack', () => {
      const stack = emptyStack();
      const keys = new Stack(stack.node.root as App, 'Keys');
      new MomentoKeyRotation(stack, 'Rotation', {
        secrets: named(stack, ['key']),
        logEncryptionKey: new Key(keys, 'Key'),
      });
      const [logId] = logOf(Template.fromStack(stack));
      expect(withPattern(lettingIn(Template.fromStack(keys)))).toEqual(forLog(placeOf(`Stack-${logId}-*`)));
    });

    test('where the construct is in a nested stack, whose name CloudFormation makes up', () => {
      const stack = emptyStack();
      const nested = new NestedStack(stack, 'Nested');
      new MomentoKeyRotation(nested, 'Rotation', {
        secrets: named(nested, ['key']),
        logEncryptionKey: new Key(stack, 'Key'),
      });
      const [logId] = logOf(Template.fromStack(nested));
      expect(withPattern(lettingIn(Template.fromStack(stack)))).toEqual(forLog(placeOf(`*-${logId}-*`)));
    });

    test('that was imported, whose policy cannot be changed', () => {
      const { template } = synth((scope) => ({ logEncryptionKey: Key.fromKeyArn(scope, 'Key', KEY_ARN) }));
      expect(logOf(template)[1].Properties['KmsKeyId']).toBe(KEY_ARN);
      template.resourceCountIs('AWS::KMS::Key', 0);
    });
  });

  test('reads what it is told, and each event that it is sent', () => {
    const { template } = synth((scope) => {
      const own = new Secret(scope, 'Own') as ISecret;
      const [first, second] = named(scope, ['a', 'b']) as [ISecret, ISecret];
      return {
        secrets: [first, second, own, Secret.fromSecretNameV2(scope, 'ByName', Fn.importValue('Name'))],
        pingCache: `${Fn.importValue('Cache')}-1`,
        hosts: ['momentohq.com', `cache.${Fn.importValue('Host')}`],
        v2Keys: {
          adminSecret: first,
          additionalAdminSecrets: [own],
          roleId: Fn.importValue('Role'),
          roles: [{ secret: own, roleId: Fn.importValue('Other') }],
          revokeFirstKey: [own],
          keyLifetime: Duration.days(90),
          overlap: Duration.minutes(30),
          revokeOnSchedule: true,
        },
      };
    });
    // With something for what CloudFormation fills in.
    const filled = (value: unknown) =>
      text(value).replaceAll(/\$\{[^}]*\}|\{"Fn::ImportValue":"\w+"\}/g, 'momento.example');
    const [, lambda] = only(resources(template, 'AWS::Lambda::Function'));
    const { Variables } = lambda.Properties['Environment'] as { Variables: Record<string, unknown> };
    const variables = Object.entries(Variables).map(([name, value]) => [name, filled(value)]);
    expect(Object.keys(Variables).filter((name) => name.startsWith('MOMENTO_'))).toHaveLength(9);
    expect(() => readSettings(Object.fromEntries(variables))).not.toThrow();
    const events = Object.values(resources(template, 'AWS::Scheduler::Schedule')).map(({ Properties }) =>
      JSON.parse(filled((Properties['Target'] as { Input: unknown }).Input)),
    );
    const readEvent = eventReader(looksLikeApiKey);
    expect(events.map((event) => readEvent(event).kind).sort()).toEqual([...Array(4).fill('check'), 'revoke']);
  });

  test('is told a ping cache only if there is one', () => {
    const { template } = synth(() => ({ pingCache: 'sessions' }));
    const [, lambda] = only(resources(template, 'AWS::Lambda::Function'));
    expect(lambda.Properties['Environment']).toHaveProperty('Variables.MOMENTO_PING_CACHE', 'sessions');
  });

  test('is told the hosts that a key may be sent to only if there are any', () => {
    const hostsOf = (hosts?: string[]) => {
      const [, lambda] = only(
        resources(synth(() => (hosts === undefined ? {} : { hosts })).template, 'AWS::Lambda::Function'),
      );
      return (lambda.Properties['Environment'] as { Variables: Record<string, unknown> }).Variables['MOMENTO_HOSTS'];
    };
    expect(hostsOf()).toBeUndefined();
    expect(hostsOf(['momentohq.com'])).toBe('momentohq.com');
    expect(hostsOf(['momentohq.com', 'xn--bcher-kva.cache-1.example'])).toBe(
      'momentohq.com,xn--bcher-kva.cache-1.example',
    );
    expect(hostsOf([`${'x'.repeat(63)}.example`])).toBe(`${'x'.repeat(63)}.example`);
    expect(hostsOf([Fn.importValue('Host')])).toEqual({ 'Fn::ImportValue': 'Host' });
  });

  test.each([
    '',
    ' ',
    'localhost',
    'com',
    '127.0.0.1',
    '0x7f.0.0.1',
    '127.1',
    '[::1]',
    'https://momentohq.com',
    'momentohq.com:443',
    'momentohq.com/path',
    'user@momentohq.com',
    '*.momentohq.com',
    '.momentohq.com',
    'momentohq.com.',
    'momento..com',
    'MomentoHQ.com',
    'bücher.example',
    '-a.example',
    'a-.example',
    'momentohq.com,example.com',
    ' momentohq.com',
    'momentohq.com\n',
    `${'x'.repeat(64)}.example`,
    `${'x.'.repeat(125)}example`,
  ])('takes no host that is not a domain, and does not repeat it: %j', (host) => {
    expect(() => synth(() => ({ hosts: ['momentohq.com', host] }))).toThrow(
      /^hosts\[1\] is not a domain\. Write its name alone, in lower case, like momentohq\.com: no scheme, user, port or path, no \* and no address\.$/,
    );
  });

  test('has a role of its own, without managed policies, and may by itself only write its log', () => {
    const { template } = synth();
    const roles = Object.values(resources(template, 'AWS::IAM::Role'));
    for (const role of roles) expect(role.Properties).not.toHaveProperty('ManagedPolicyArns');
    expect(policy(template, 'RunPolicy')).toEqual([
      {
        Sid: 'WriteLog',
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: { 'Fn::GetAtt': [only(resources(template, 'AWS::Logs::LogGroup'))[0], 'Arn'] },
      },
    ]);
  });

  test('is traced if that is asked for', () => {
    const { template } = synth(() => ({ tracing: true }));
    const [, lambda] = only(resources(template, 'AWS::Lambda::Function'));
    expect(lambda.Properties['TracingConfig']).toEqual({ Mode: 'Active' });
    expect(policy(template, 'RunPolicy').map(({ Sid }) => Sid)).toEqual(['WriteLog', 'SendTraces']);
    expect(lambda.DependsOn?.some((id) => id.includes('RunPolicy'))).toBe(true);
  });
});

describe('in a VPC', () => {
  const { template } = synth((scope) => {
    const vpc = new Vpc(scope, 'Vpc', { maxAzs: 2 }) as IVpc;
    return { vpc, vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS } };
  });

  test('the function runs in the private subnets, with a security group that lets nothing in', () => {
    const [, lambda] = only(resources(template, 'AWS::Lambda::Function'));
    const { SubnetIds, SecurityGroupIds } = lambda.Properties['VpcConfig'] as Record<string, unknown[]>;
    expect(SubnetIds?.map(text).every((id) => id.includes('Private'))).toBe(true);
    expect(SubnetIds).toHaveLength(2);
    expect(SecurityGroupIds).toHaveLength(1);
    const [, group] = only(resources(template, 'AWS::EC2::SecurityGroup'));
    expect(group.Properties).not.toHaveProperty('SecurityGroupIngress');
  });

  test('its role may make network interfaces in those subnets, and the function waits for that', () => {
    const created = policy(template, 'RunPolicy').find(({ Sid }) => Sid === 'CreateNetworkInterfaces');
    const where = listed(created?.Resource).map((resource) =>
      text(resource).replace(/\$\{[^}]*Subnet[^}]*\}/, 'SUBNET'),
    );
    expect(created?.Action).toBe('ec2:CreateNetworkInterface');
    expect(where[0]).toMatch(/:network-interface\/\*$/);
    expect(where.filter((arn) => arn.endsWith(':subnet/SUBNET'))).toHaveLength(2);
    expect(where.filter((arn) => arn.includes(':security-group/'))).toHaveLength(1);
    expect(where).toHaveLength(4);
    const [, lambda] = only(resources(template, 'AWS::Lambda::Function'));
    expect(lambda.DependsOn?.some((id) => id.includes('RunPolicy'))).toBe(true);
  });

  test('security groups can be given', () => {
    const { template } = synth((scope) => {
      const vpc = new Vpc(scope, 'Vpc') as IVpc;
      return { vpc, securityGroups: [SecurityGroup.fromSecurityGroupId(scope, 'Group', 'sg-12345678')] };
    });
    template.resourceCountIs('AWS::EC2::SecurityGroup', 0);
    template.hasResourceProperties('AWS::Lambda::Function', { VpcConfig: { SecurityGroupIds: ['sg-12345678'] } });
  });
});

describe('a rotation schedule', () => {
  test('is attached to one secret by its name, tests when it is created, and rotates daily', () => {
    const { template } = synth();
    const [, schedule] = only(resources(template, 'AWS::SecretsManager::RotationSchedule'));
    expect(schedule.Properties).toEqual({
      SecretId: 'momento/key',
      RotationLambdaARN: { 'Fn::GetAtt': [only(resources(template, 'AWS::Lambda::Function'))[0], 'Arn'] },
      RotationRules: { ScheduleExpression: 'rate(1 day)' },
      RotateImmediatelyOnUpdate: false,
    });
  });

  test('is attached to each of several, all with the one function', () => {
    const { template } = synth((scope) => ({ secrets: named(scope, ['a', 'b', 'c']) }));
    const schedules = Object.values(resources(template, 'AWS::SecretsManager::RotationSchedule'));
    expect(schedules.map(({ Properties }) => Properties['SecretId'])).toEqual(['a', 'b', 'c']);
    template.resourceCountIs('AWS::Lambda::Function', 1);
  });

  test('has the interval, the window and the immediate rotation that were asked for', () => {
    const { template } = synth(() => ({
      rotateEvery: Duration.days(7),
      rotationWindow: Duration.hours(2),
      rotateImmediatelyOnUpdate: true,
    }));
    template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      RotationRules: { ScheduleExpression: 'rate(7 days)', Duration: '2h' },
      RotateImmediatelyOnUpdate: true,
    });
  });

  test('waits for all that a test needs: permissions, policies and with them the key grant', () => {
    const { template } = synth((scope) => {
      const encryptionKey = new Key(scope, 'Key');
      const secrets = [new Secret(scope, 'Owned', { encryptionKey }) as ISecret, ...named(scope, ['a'])];
      return { secrets, manualRotation: true };
    });
    const waitedFor = Object.entries(resources(template))
      .filter(([id, { Type }]) => Type === 'AWS::Lambda::Permission' || /(Secrets|ManualRotation)Policy/.test(id))
      .map(([id]) => id);
    expect(waitedFor).toHaveLength(4);
    for (const schedule of Object.keys(resources(template, 'AWS::SecretsManager::RotationSchedule'))) {
      expect([...waitedForBy(template, schedule)]).toEqual(expect.arrayContaining(waitedFor));
    }
    const keyGrant = policy(template, 'SecretsPolicy').find(({ Sid }) => Sid === 'UseEncryptionKeys');
    expect(keyGrant).toBeDefined();
  });
});

describe('the role may', () => {
  test('call four actions on exactly the secrets', () => {
    const { template } = synth((scope) => ({ secrets: named(scope, ['a', 'momento/b']) }));
    expect(
      policy(template, 'SecretsPolicy').map((statement) => ({
        ...statement,
        Resource: listed(statement.Resource).map(text),
      })),
    ).toEqual([
      {
        Sid: 'RotateSecrets',
        Effect: 'Allow',
        Action: STEP_ACTIONS,
        Resource: [`${ARN_START}a-??????`, `${ARN_START}momento/b-??????`],
      },
    ]);
  });

  test('start rotations of them only if the manual event is switched on', () => {
    const { template } = synth(() => ({ manualRotation: true }));
    expect(policy(template, 'SecretsPolicy')[0]?.Action).toEqual([...STEP_ACTIONS, 'secretsmanager:RotateSecret']);
    expect(policy(template, 'ManualRotationPolicy')).toEqual([
      {
        Sid: 'StartRotation',
        Effect: 'Allow',
        Action: 'lambda:InvokeFunction',
        Resource: { 'Fn::GetAtt': [only(resources(template, 'AWS::Lambda::Function'))[0], 'Arn'] },
      },
    ]);
    expect(JSON.stringify(synth().template.toJSON())).not.toContain('secretsmanager:RotateSecret');
  });

  const KEY_ARN = 'arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-1234-123456789012';
  test.each(['owned', 'imported'])('use the key of an %s secret, through Secrets Manager alone', (kind) => {
    const { template } = synth((scope) => {
      const encryptionKey = Key.fromKeyArn(scope, 'Key', KEY_ARN);
      const secretPartialArn = `arn:${Aws.PARTITION}:secretsmanager:${Aws.REGION}:${Aws.ACCOUNT_ID}:secret:k`;
      const secret =
        kind === 'owned'
          ? new Secret(scope, 'Secret', { encryptionKey })
          : Secret.fromSecretAttributes(scope, 'Secret', { secretPartialArn, encryptionKey });
      return { secrets: [secret as ISecret] };
    });
    const statement = policy(template, 'SecretsPolicy').find(({ Sid }) => Sid === 'UseEncryptionKeys');
    expect(statement).toMatchObject({ Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: KEY_ARN });
    expect(statement?.Condition).toEqual({
      StringEquals: {
        'kms:ViaService': { 'Fn::Join': ['', ['secretsmanager.', { Ref: 'AWS::Region' }, '.amazonaws.com']] },
      },
    });
  });

  test('use no key when there is none', () => {
    expect(JSON.stringify(synth().template.toJSON())).not.toContain('kms:');
  });
});

describe('who may invoke the function', () => {
  test('Secrets Manager, from this account, for each of these secrets', () => {
    const { template } = synth((scope) => ({ secrets: named(scope, ['a', 'b']) }));
    const permissions = Object.values(resources(template, 'AWS::Lambda::Permission')).map(
      ({ Properties }) => Properties,
    );
    expect(permissions.map(({ SourceArn }) => text(SourceArn))).toEqual([
      `${ARN_START}a-??????`,
      `${ARN_START}b-??????`,
    ]);
    for (const permission of permissions) {
      expect(permission).toMatchObject({
        Action: 'lambda:InvokeFunction',
        Principal: 'secretsmanager.amazonaws.com',
        SourceAccount: { Ref: 'AWS::AccountId' },
      });
    }
  });

  test('the schedules of the daily check, through a role that only they may assume', () => {
    const { template } = synth();
    const [roleId, role] =
      Object.entries(resources(template, 'AWS::IAM::Role')).find(([id]) => id.includes('CheckRole')) ?? [];
    const [groupId] = only(resources(template, 'AWS::Scheduler::ScheduleGroup'));
    expect(role === undefined ? [] : statements(role)).toEqual([
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Service: 'scheduler.amazonaws.com' },
        Condition: {
          StringEquals: {
            'aws:SourceAccount': { Ref: 'AWS::AccountId' },
            'aws:SourceArn': { 'Fn::GetAtt': [groupId, 'Arn'] },
          },
        },
      },
    ]);
    const lambdaArn = { 'Fn::GetAtt': [only(resources(template, 'AWS::Lambda::Function'))[0], 'Arn'] };
    expect(policy(template, 'CheckPolicy')).toEqual([
      { Sid: 'Check', Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: lambdaArn },
    ]);
    const [, schedule] = only(resources(template, 'AWS::Scheduler::Schedule'));
    expect(schedule.Properties).toMatchObject({
      GroupName: { Ref: groupId },
      Target: { Arn: lambdaArn, RoleArn: { 'Fn::GetAtt': [roleId, 'Arn'] } },
    });
  });

  test('nobody else', () => {
    const { template } = synth((scope) => ({ alarmTopic: new Topic(scope, 'Topic'), dashboard: true, tracing: true }));
    const invokers = Object.entries(resources(template))
      .filter(([, resource]) => JSON.stringify(resource).includes('lambda:InvokeFunction'))
      .map(([id]) => id.replace(/[0-9A-F]{8}$/, ''));
    expect(invokers.sort()).toEqual(['RotationCheckPolicy', 'RotationInvocationmomentokey']);
  });
});

describe('the daily check', () => {
  test('runs for each secret when it is attached and once a day', () => {
    const { template } = synth((scope) => ({
      secrets: [...named(scope, ['a']), new Secret(scope, 'Owned', { secretName: 'b' }) as ISecret],
    }));
    const checks = Object.values(resources(template, 'AWS::Scheduler::Schedule'));
    expect(checks).toHaveLength(2);
    for (const { Properties, DependsOn } of checks) {
      expect(Properties).toMatchObject({
        ScheduleExpression: 'rate(1 day)',
        FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
      });
      expect(Properties).not.toHaveProperty('StartDate');
      expect(DependsOn?.some((id) => id.includes('Schedules'))).toBe(true);
      expect(DependsOn?.some((id) => id.includes('CheckPolicy'))).toBe(true);
    }
    const inputs = checks.map(({ Properties }) => text((Properties['Target'] as { Input: unknown }).Input));
    expect(inputs[0]).toBe('{"CheckSecrets":["a"]}');
    expect(inputs[1]).toMatch(/^\{"CheckSecrets":\["\$\{Owned\w+\}"\]\}$/);
  });

  test('comes before its alarms, which would miss it', () => {
    const { template } = synth();
    const [check] = only(resources(template, 'AWS::Scheduler::Schedule'));
    const daily = Object.entries(resources(template, 'AWS::CloudWatch::Alarm')).filter(([id]) => id.includes('Watch'));
    expect(daily).toHaveLength(2);
    for (const [, alarm] of daily) expect(alarm.DependsOn).toContain(check);
  });

  test('can be left out, with its alarms', () => {
    const { template, rotation } = synth(() => ({ dailyCheck: false, dashboard: true }));
    expect(Object.keys(resources(template)).filter((id) => /Check|Watch/.test(id))).toEqual([]);
    expect(rotation.alarms).toHaveLength(1);
  });
});

describe('alarms', () => {
  const byName = (template: Template) =>
    Object.fromEntries(
      Object.entries(resources(template, 'AWS::CloudWatch::Alarm')).map(([id, { Properties }]) => [
        /(Failed|Overdue|Expiry)Alarm/.exec(id)?.[1] ?? id,
        Properties,
      ]),
    );

  test('watch failures, overdue rotations and keys that expire, and say what to do', () => {
    const alarms = byName(synth().template);
    expect(Object.keys(alarms).sort()).toEqual(['Expiry', 'Failed', 'Overdue']);
    expect(alarms['Failed']).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: 'Errors',
      Statistic: 'Sum',
      Period: 300,
      Threshold: 1,
      TreatMissingData: 'notBreaching',
    });
    expect(alarms['Overdue']).toMatchObject({ Threshold: 2, EvaluationPeriods: 2, TreatMissingData: 'breaching' });
    expect(alarms['Expiry']).toMatchObject({ Threshold: 4, EvaluationPeriods: 2, TreatMissingData: 'breaching' });
    const descriptions = Object.values(alarms).map(({ AlarmDescription }) => text(AlarmDescription));
    expect(text(alarms['Expiry']?.['AlarmDescription'])).toMatch(/^momento\/key: .* expires in less than 4 days/);
    for (const description of descriptions) {
      expect(description).toMatch(/ Log group \$\{\w*Log\w*\} says .* docs\/runbook\.md what to do\.$/);
      // CloudWatch takes 1,024 characters.
      expect(description.length).toBeLessThan(1_024 - 512);
    }
  });

  test('go nowhere by default, and to the topic if there is one', () => {
    for (const alarm of Object.values(byName(synth().template))) {
      expect(alarm).not.toHaveProperty('AlarmActions');
      expect(alarm).not.toHaveProperty('OKActions');
    }
    const { template } = synth((scope) => ({ alarmTopic: new Topic(scope, 'Topic') }));
    const [topic] = only(resources(template, 'AWS::SNS::Topic'));
    for (const [name, alarm] of Object.entries(byName(template))) {
      expect(alarm['AlarmActions']).toEqual([{ Ref: topic }]);
      // That no more failures come does not mean that the last one was made up for.
      expect(alarm['OKActions']).toEqual(name === 'Failed' ? undefined : [{ Ref: topic }]);
    }
  });

  test('do not judge daily figures before there are two days of them', () => {
    const { Failed, Overdue, Expiry } = byName(synth().template);
    for (const daily of [Overdue, Expiry]) {
      expect(daily?.['WarmUpConfiguration']).toEqual({
        WarmUpPeriodDurationInMinutes: 2880,
        OnlyStartEvaluatingAfterWarmUpPeriodEnds: true,
      });
    }
    expect(Failed).not.toHaveProperty('WarmUpConfiguration');
  });

  test('give the notice that was asked for', () => {
    const alarms = byName(synth(() => ({ expiryNotice: Duration.hours(36) })).template);
    expect(alarms['Expiry']).toMatchObject({ Threshold: 1.5 });
  });

  test('are all in reach', () => {
    const { rotation } = synth((scope) => ({ secrets: named(scope, ['a', 'b']) }));
    expect(rotation.alarms).toHaveLength(5);
  });
});

describe("Secrets Manager's own events", () => {
  test('go to the topic, for these secrets, by a role that may do nothing else', () => {
    const { template } = synth((scope) => {
      const alarmTopic = new Topic(scope, 'Topic');
      const secretCompleteArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:b-AbCdEf';
      return {
        alarmTopic,
        secrets: [...named(scope, ['a']), Secret.fromSecretCompleteArn(scope, 'B', secretCompleteArn)],
      };
    });
    const [, rule] = only(resources(template, 'AWS::Events::Rule'));
    const pattern = rule.Properties['EventPattern'] as {
      detail: { additionalEventData: { SecretId: { prefix: unknown }[] } };
    };
    expect(pattern).toMatchObject({
      source: ['aws.secretsmanager'],
      'detail-type': ['AWS Service Event via CloudTrail'],
      detail: { eventName: ['RotationFailed', 'RotationAbandoned', 'TestRotationFailed'] },
    });
    expect(pattern.detail.additionalEventData.SecretId.map(({ prefix }) => text(prefix))).toEqual([
      `${ARN_START}a-`,
      'arn:aws:secretsmanager:eu-west-1:123456789012:secret:b-AbCdEf',
    ]);
    const [topic] = only(resources(template, 'AWS::SNS::Topic'));
    expect(rule.Properties['Targets']).toEqual([
      expect.objectContaining({ Arn: { Ref: topic }, RoleArn: expect.anything(), InputTransformer: expect.anything() }),
    ]);
    expect(policy(template, 'TrailEventsPolicy')).toEqual([
      { Sid: 'Publish', Effect: 'Allow', Action: 'sns:Publish', Resource: { Ref: topic } },
    ]);
    // The topic's policy stays as it was.
    template.resourceCountIs('AWS::SNS::TopicPolicy', 0);
  });

  test('are published by a role for this account, which may use the key of an encrypted topic', () => {
    const { template } = synth((scope) => ({
      alarmTopic: new Topic(scope, 'Topic', { masterKey: new Key(scope, 'Key') }) as ITopic,
    }));
    const [, role] = Object.entries(resources(template, 'AWS::IAM::Role')).find(([id]) => id.includes('Trail')) ?? [];
    expect(role === undefined ? [] : statements(role)).toMatchObject([
      {
        Principal: { Service: 'events.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
    ]);
    const [key] = only(resources(template, 'AWS::KMS::Key'));
    expect(policy(template, 'TrailEventsPolicy')[1]).toEqual({
      Sid: 'Encrypt',
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: { 'Fn::GetAtt': [key, 'Arn'] },
    });
  });

  test('go nowhere without a topic, or when they are not wanted', () => {
    synth().template.resourceCountIs('AWS::Events::Rule', 0);
    const { template } = synth((scope) => ({ alarmTopic: new Topic(scope, 'Topic'), trailEvents: false }));
    template.resourceCountIs('AWS::Events::Rule', 0);
  });
});

describe('the dashboard', () => {
  test('is there only if it is asked for', () => {
    const { template, rotation } = synth();
    template.resourceCountIs('AWS::CloudWatch::Dashboard', 0);
    expect(rotation.dashboard).toBeUndefined();
  });

  test('says so when it does not show all alarms', () => {
    const { template } = synth((scope) => ({ secrets: named(scope, manyNames(50)), dashboard: true }));
    const [, dashboard] = only(resources(template, 'AWS::CloudWatch::Dashboard'));
    const { widgets } = JSON.parse(text(dashboard.Properties['DashboardBody'])) as {
      widgets: { properties: { title: string; alarms?: string[] } }[];
    };
    expect(widgets[0]?.properties.title).toBe('Alarms: the first 100 of 101');
    expect(widgets[0]?.properties.alarms).toHaveLength(100);
  });

  test.each([
    ['Days since the last rotation', 'DaysSinceLastRotation', 'Minimum', 86_400],
    ['Days until the key expires', 'DaysUntilKeyExpires', 'Maximum', 86_400],
    ['Rotations', 'RotationSucceeded', 'Sum', 3_600],
    ['Lifetime of new keys', 'NewKeyLifetime', 'Minimum', 3_600],
    ['New keys that expire before the next rotation', 'NewKeyExpiresBeforeNextRotation', 'Sum', 3_600],
  ])('has a row for each secret, which goes by its name: %s', (title, metric, stat, period) => {
    const { template } = synth((scope) => ({ secrets: named(scope, manyNames(60)), dashboard: true }));
    const [, dashboard] = only(resources(template, 'AWS::CloudWatch::Dashboard'));
    const { widgets } = JSON.parse(text(dashboard.Properties['DashboardBody'])) as {
      widgets: { properties: { title: string; metrics?: unknown[][] } }[];
    };
    const label = `\${PROP('Dim.secret')}`;
    expect(widgets.find(({ properties }) => properties.title === title)?.properties.metrics).toEqual(
      manyNames(60).map((name) => [
        'MomentoKeyRotation',
        metric,
        'secret',
        name,
        'service',
        'momento-key-rotation',
        { label, period, stat },
      ]),
    );
  });

  test('shows alarms, each secret, and what failed in the words of the log', () => {
    const { template, rotation } = synth((scope) => ({ secrets: named(scope, ['a', 'b']), dashboard: true }));
    expect(rotation.dashboard).toBeDefined();
    const [, dashboard] = only(resources(template, 'AWS::CloudWatch::Dashboard'));
    const { widgets } = JSON.parse(text(dashboard.Properties['DashboardBody'])) as {
      widgets: {
        type: string;
        properties: { title: string; alarms?: string[]; metrics?: unknown[][]; query?: string };
      }[];
    };
    const byTitle = Object.fromEntries(widgets.map(({ properties }) => [properties.title, properties]));
    expect(byTitle['Alarms']?.alarms).toHaveLength(5);
    for (const title of ['Days since the last rotation', 'Days until the key expires', 'Rotations']) {
      expect(byTitle[title]?.metrics?.map((row) => row[3])).toEqual(['a', 'b']);
    }
    const [logGroup] = only(resources(template, 'AWS::Logs::LogGroup'));
    expect(byTitle['What failed']?.query).toMatch(
      `SOURCE '\${${logGroup}}' | fields @timestamp, secret, step, failure`,
    );
    // Lambda's own line, in the JSON log format, of an invocation that could say nothing itself.
    expect(byTitle['What failed']?.query).toContain(
      'filter outcome = "failed" or (type = "platform.report" and record.status in ["error", "failure", "timeout"])',
    );
  });
});

describe('secrets', () => {
  test('are named by name when they are imported, and of the app by ARN', () => {
    const place = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret';
    const { template } = synth((scope) => ({
      secrets: [
        Secret.fromSecretPartialArn(scope, 'Partial', `${place}:momento/partial`),
        Secret.fromSecretCompleteArn(scope, 'Complete', `${place}:momento/complete-AbCdEf`),
        new Secret(scope, 'Owned') as ISecret,
      ],
    }));
    const ids = Object.values(resources(template, 'AWS::SecretsManager::RotationSchedule')).map(({ Properties }) =>
      text(Properties['SecretId']),
    );
    expect(ids[0]).toBe('momento/partial');
    expect(ids[1]).toBe('momento/complete');
    expect(ids[2]).toMatch(/^\$\{Owned\w+\}$/);
    expect(listed(policy(template, 'SecretsPolicy')[0]?.Resource).map(text)).toEqual([
      `${place}:momento/partial-??????`,
      `${place}:momento/complete-AbCdEf`,
      ids[2],
    ]);
  });

  test('keep their schedules when they are imported in another way, since a new one would turn rotation off', () => {
    const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:momento/key';
    const ways: ((scope: Construct) => ISecret)[] = [
      (scope) => Secret.fromSecretNameV2(scope, 'ByName', 'momento/key'),
      (scope) => Secret.fromSecretPartialArn(scope, 'ByPartialArn', arn),
      (scope) => Secret.fromSecretCompleteArn(scope, 'ByCompleteArn', `${arn}-AbCdEf`),
      (scope) => Secret.fromSecretAttributes(scope, 'ByAttributes', { secretCompleteArn: `${arn}-AbCdEf` }),
    ];
    const [byName, ...others] = ways.map((importSecret) => {
      const { template } = synth((scope) => ({ secrets: [importSecret(scope)] }));
      const [id, { Properties }] = only(resources(template, 'AWS::SecretsManager::RotationSchedule'));
      return { id, SecretId: Properties['SecretId'] };
    });
    expect(byName?.SecretId).toBe('momento/key');
    expect(others).toEqual([byName, byName, byName]);
  });

  test('may have names that differ in nothing but / and --', () => {
    const names = ['a/b', 'a--b', 'a-/b', 'a/-b'];
    const { template } = synth((scope) => ({
      secrets: names.map((name, index) => Secret.fromSecretNameV2(scope, `Secret${index}`, name)),
    }));
    const schedules = Object.values(resources(template, 'AWS::SecretsManager::RotationSchedule'));
    expect(schedules.map(({ Properties }) => Properties['SecretId'])).toEqual(names);
  });

  test('have metrics by their name, also where only an ARN is known', () => {
    const stack = emptyStack();
    const place = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret';
    const complete = Secret.fromSecretCompleteArn(stack, 'Complete', `${place}:momento/complete-AbCdEf`);
    const given = new Secret(stack, 'Given', { secretName: 'momento/given' }) as ISecret;
    const generated = new Secret(stack, 'Generated') as ISecret;
    const rotation = new MomentoKeyRotation(stack, 'Rotation', { secrets: [complete, given, generated] });
    const nameOf = (secret: ISecret) => rotation.metricRotationSucceeded(secret).dimensions?.['secret'] as string;
    expect(nameOf(complete)).toBe('momento/complete');
    expect(nameOf(given)).toBe('momento/given');
    // CloudFormation makes the name of two parts, and the service puts a third one behind it in the ARN.
    const part = (index: number) => ({
      'Fn::Select': [
        index,
        { 'Fn::Split': ['-', { 'Fn::Select': [6, { 'Fn::Split': [':', stack.resolve(generated.secretArn)] }] }] },
      ],
    });
    expect(stack.resolve(nameOf(generated))).toEqual({ 'Fn::Join': ['-', [part(0), part(1)]] });
  });

  test('of the app may have a name that is a token', () => {
    const { template } = synth((scope) => ({
      secrets: [new Secret(scope, 'Owned', { secretName: `momento/${Aws.REGION}` }) as ISecret],
      dashboard: true,
    }));
    const [dashboard] = Object.values(resources(template, 'AWS::CloudWatch::Dashboard'));
    expect(text(dashboard?.Properties['DashboardBody'])).toContain(`"secret","momento/\${AWS::Region}"`);
  });
});

test('tells cfn-lint what it does not know yet, and nothing else', () => {
  const { template } = synth(() => ({ v2Keys: { revokeOnSchedule: true }, dashboard: true }));
  const exempt = Object.values(resources(template)).filter(({ Metadata }) => Metadata?.['cfn-lint'] !== undefined);
  expect(exempt.map(({ Type, Metadata }) => [Type, Metadata?.['cfn-lint']])).toEqual([
    ['AWS::Lambda::Function', { config: { ignore_checks: ['W3005'] } }],
    ...Array(3).fill(['AWS::CloudWatch::Alarm', { config: { ignore_checks: ['E3002'] } }]),
  ]);
  for (const { Type, Properties } of exempt) {
    expect(Type === 'AWS::Lambda::Function' || 'WarmUpConfiguration' in Properties).toBe(true);
  }
});

describe('says what to write instead of', () => {
  test.each<[string, Parameters<typeof synth>[0], string]>([
    [
      'no secrets',
      () => ({ secrets: [] }),
      "secrets is empty. Write for example [Secret.fromSecretNameV2(this, 'Secret'",
    ],
    [
      'a secret given twice',
      (scope) => ({
        secrets: [Secret.fromSecretNameV2(scope, 'A', 'key'), Secret.fromSecretNameV2(scope, 'B', 'key')],
      }),
      'The secret key is given twice.',
    ],
    [
      'a key by alias',
      (scope) => ({
        secrets: [
          Secret.fromSecretAttributes(scope, 'A', {
            secretPartialArn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:key',
            encryptionKey: Alias.fromAliasName(scope, 'Alias', 'alias/mine') as IKey,
          }),
        ],
      }),
      'is given by an alias, which a policy cannot name. Import it with Key.fromKeyArn or Key.fromLookup.',
    ],
    [
      'an empty ping cache',
      () => ({ pingCache: ' ' }),
      'Write the name of a cache that the key may read, or leave it out.',
    ],
    [
      'a ping cache that the function refuses',
      () => ({ pingCache: 'caché' }),
      'pingCache is not the name of a cache: give it in ASCII letters, digits and punctuation.',
    ],
    [
      'a ping cache that the function refuses whatever CloudFormation fills in',
      () => ({ pingCache: `${Fn.importValue('Cache')} 1` }),
      'pingCache is not the name of a cache',
    ],
    [
      'an API key for a role',
      (scope) => ({ v2Keys: { adminSecret: Secret.fromSecretNameV2(scope, 'A', 'admin'), roleId: API_KEY } }),
      'roleId holds an API key. Give ids of roles, as the Momento console shows them.',
    ],
    [
      'a secret with a name that none can have',
      (scope) => ({ secrets: [Secret.fromSecretNameV2(scope, 'A', 'my key')] }),
      'Stack/A has no name that a secret can have. Write a name of up to 512 letters, digits and /_+=.@-, and no API key.',
    ],
    [
      'an API key for a secret',
      (scope) => ({ secrets: [Secret.fromSecretNameV2(scope, 'A', API_KEY)] }),
      'Stack/A has no name that a secret can have.',
    ],
    [
      'an API key for an admin secret',
      (scope) => ({ v2Keys: { adminSecret: Secret.fromSecretNameV2(scope, 'A', API_KEY), roleId: 'role' } }),
      'Stack/A has no name that a secret can have.',
    ],
    [
      "an alias for the log's key",
      (scope) => ({ logEncryptionKey: Alias.fromAliasName(scope, 'Alias', 'alias/mine') as IKey }),
      'logEncryptionKey is given by an alias, which a policy cannot name. Import it with Key.fromKeyArn or Key.fromLookup.',
    ],
    ['no hosts', () => ({ hosts: [] }), 'hosts is empty. Write the domains that keys may be sent to, or leave it out.'],
    [
      'subnets without a VPC',
      () => ({ vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS } }),
      'Give the vpc that they belong to, or leave them out.',
    ],
    [
      'a notice of minutes',
      () => ({ expiryNotice: Duration.minutes(30) }),
      'Write an hour or more, for example Duration.days(4).',
    ],
    [
      'a notice without checks',
      () => ({ expiryNotice: Duration.days(2), dailyCheck: false }),
      'Leave one of them out.',
    ],
    ['events without a topic', () => ({ trailEvents: true }), 'Give an alarmTopic, or leave trailEvents out.'],
    [
      'an ARN to come',
      (scope) => ({ secrets: [Secret.fromSecretCompleteArn(scope, 'A', Fn.importValue('KeyArn'))] }),
      'Import the secret with Secret.fromSecretNameV2, or with the secretPartialArn of Secret.fromSecretAttributes.',
    ],
    ['a bad schedule', () => ({ rotateEvery: Duration.hours(1) }), 'from Duration.hours(4) to Duration.days(1000)'],
  ])('%s', (_, props, message) => {
    expect(() => synth(props)).toThrow(message);
  });

  test.each([
    ['region', 'us-east-1', '123456789012', "Put the construct into a stack with env: { region: 'us-east-1' }"],
    ['account', 'eu-west-1', '210987654321', "Put the construct into a stack with env: { account: '210987654321' }"],
  ])('a secret of another %s', (_, region, account, message) => {
    const arn = `arn:aws:secretsmanager:${region}:${account}:secret:key-AbCdEf`;
    const env = { region: 'eu-west-1', account: '123456789012' };
    expect(() => synth((scope) => ({ secrets: [Secret.fromSecretCompleteArn(scope, 'A', arn)] }), { env })).toThrow(
      message,
    );
  });
});
