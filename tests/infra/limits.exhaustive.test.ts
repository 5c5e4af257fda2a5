import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, Aws, Duration, Fn, Stack } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import type { MomentoKeyRotationProps, V2KeysProps } from '../../infra/index.ts';
import { MOST_STATEMENTS } from '../../infra/invocation.ts';
import { manyNames, named, only, type Resource, resources, statements, synth, text, waitedForBy } from './synth.ts';

/** Secrets that fit into a stack, and the longest name of one that does not take the room of two. */
const MOST = 75;
const LONG_NAME = 64;

// The longest of what CloudFormation fills in.
const FILLED: Record<string, string> = {
  'AWS::Partition': 'aws-us-gov',
  'AWS::Region': 'us-gov-west-1',
  'AWS::AccountId': '123456789012',
};
/** How long a document is when it is deployed, without white space. */
function deployedLength(document: unknown): number {
  const filled = JSON.stringify(document, (_, value: unknown) => {
    const isReference =
      typeof value === 'object' && value !== null && ('Ref' in value || 'Fn::Join' in value || 'Fn::GetAtt' in value);
    if (!isReference) return value;
    return text(value).replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => FILLED[name] ?? 'x'.repeat(140));
  });
  return filled.length;
}
const documents = (template: Template, type: string): unknown[] =>
  Object.entries(resources(template, type))
    .filter(([id]) => /(Secrets|Run|Manual|AdminSecret)/.test(id))
    .map(([, { Properties }]) => Properties['PolicyDocument']);
/** Into what IAM takes of a role's inline policies together, of each managed policy, and of how many there are. */
const expectPoliciesToFit = (template: Template): void => {
  const inline = documents(template, 'AWS::IAM::Policy').map(deployedLength);
  expect(inline.reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(10_240);
  const managed = documents(template, 'AWS::IAM::ManagedPolicy');
  expect(managed.length).toBeLessThanOrEqual(10);
  for (const document of managed) expect(deployedLength(document)).toBeLessThanOrEqual(6_144);
};
const everything = (scope: Construct) => ({
  manualRotation: true,
  tracing: true,
  dashboard: true,
  alarmTopic: new Topic(scope, 'Topic'),
  vpc: new Vpc(scope, 'Vpc', { maxAzs: 2 }) as IVpc,
  // The longest rules of a schedule.
  cron: 'cron(0 10/12 ? * MON-FRI *)',
  rotationWindow: Duration.hours(2),
});
const longestName = 'x'.repeat(512);
const adminWithLongestName = (scope: Construct, number: number): ISecret =>
  Secret.fromSecretAttributes(scope, `Admin${number}`, {
    secretPartialArn: `arn:${Aws.PARTITION}:secretsmanager:${Aws.REGION}:${Aws.ACCOUNT_ID}:secret:${number}${longestName.slice(1)}`,
    encryptionKey: Key.fromKeyArn(
      scope,
      `AdminKey${number}`,
      `arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-${String(number).repeat(32)}`,
    ),
  });
const everythingOfV2 = (scope: Construct): V2KeysProps => ({
  adminSecret: adminWithLongestName(scope, 1),
  additionalAdminSecrets: [adminWithLongestName(scope, 2)],
  roleId: 'role',
  keyLifetime: Duration.days(90),
  overlap: Duration.hours(2),
  revokeOnSchedule: true,
});
/** CloudFormation takes 1 MB. The rest is for what else may be in the stack, and for a deeper path to the construct. */
const MOST_CHARACTERS = 900_000;
/** What was written fits into what CloudFormation takes; it is read from where `app.synth()` has just written it to. */
const expectToFit = (stack: Stack): void => {
  const { directory } = (stack.node.root as App).synth();
  const written = readFileSync(join(directory, stack.templateFile), 'utf8');
  expect(written).toMatch(/^\{\n /);
  expect(written.length).toBeLessThanOrEqual(MOST_CHARACTERS);
  const { Resources } = JSON.parse(written) as Record<string, object>;
  // And one that the CDK's command adds.
  expect(Object.keys(Resources ?? {}).length).toBeLessThan(500);
};

const variants = [false, true].flatMap((v2Keys) =>
  [1, 2, MOST_STATEMENTS, MOST_STATEMENTS + 1, MOST].map((count) => ({
    count,
    v2Keys,
    title: `${count} secrets${v2Keys ? ' of v2 keys' : ''}`,
  })),
);

describe.each(variants)('$title', ({ count, v2Keys }) => {
  const { stack, template } = synth((scope) => ({
    ...everything(scope),
    secrets: named(scope, manyNames(count)),
    ...(v2Keys && { v2Keys: everythingOfV2(scope) }),
  }));

  test('fit into a stack of less than 500 resources and 1 MB, as the CDK writes it', () => {
    expectToFit(stack);
  });

  test('wait for all that a rotation needs, whichever is the last', () => {
    const needed = Object.entries(resources(template)).flatMap(([id, { Type }]) =>
      Type === 'AWS::Lambda::Permission' || /^Rotation(Run|Secrets|ManualRotation|AdminSecret)Policy/.test(id)
        ? [id]
        : [],
    );
    expect(needed.length).toBeGreaterThan(v2Keys ? 4 : 3);
    const last = Object.keys(resources(template, 'AWS::SecretsManager::RotationSchedule')).at(-1) ?? '';
    expect([...waitedForBy(template, last)]).toEqual(expect.arrayContaining(needed));
  });

  test(`each have a schedule, a check and ${v2Keys ? 'three' : 'two'} alarms`, () => {
    template.resourceCountIs('AWS::SecretsManager::RotationSchedule', count);
    // And those that revoke, for 25 secrets each.
    template.resourceCountIs('AWS::Scheduler::Schedule', count + (v2Keys ? Math.ceil(count / 25) : 0));
    template.resourceCountIs('AWS::CloudWatch::Alarm', v2Keys ? 3 * count + 1 : 2 * count + 1);
    template.resourceCountIs('AWS::Lambda::Function', 1);
  });

  test("fit into the role's policies", () => {
    expectPoliciesToFit(template);
    const managed = documents(template, 'AWS::IAM::ManagedPolicy');
    const allowed = [...documents(template, 'AWS::IAM::Policy'), ...managed].flatMap((PolicyDocument) =>
      statements({ Properties: { PolicyDocument } } as unknown as Resource),
    );
    const secretArns = allowed.filter(({ Sid }) => Sid === 'RotateSecrets').flatMap(({ Resource }) => Resource);
    expect(new Set(secretArns.map(text)).size).toBe(count);
  });

  test("fit into the function's resource policy: a statement each, or the account alone", () => {
    const permissions = Object.values(resources(template, 'AWS::Lambda::Permission')).map(
      ({ Properties }) => Properties,
    );
    expect(permissions).toHaveLength(count <= MOST_STATEMENTS ? count : 1);
    for (const permission of permissions) {
      expect(permission['SourceAccount']).toEqual({ Ref: 'AWS::AccountId' });
      expect('SourceArn' in permission).toBe(count <= MOST_STATEMENTS);
    }
  });

  test("fit into the patterns of the rules for Secrets Manager's events", () => {
    const rules = Object.values(resources(template, 'AWS::Events::Rule'));
    const patterns = rules.map(({ Properties }) => Properties['EventPattern']);
    for (const pattern of patterns) expect(deployedLength(pattern)).toBeLessThanOrEqual(2_048);
    const prefixes = patterns.flatMap((pattern) => JSON.stringify(pattern).match(/"prefix"/g) ?? []);
    expect(prefixes).toHaveLength(count);
  });

  test("fit into the dashboard's widgets and body", () => {
    const [dashboard] = Object.values(resources(template, 'AWS::CloudWatch::Dashboard'));
    const { widgets } = JSON.parse(text(dashboard?.Properties['DashboardBody'])) as {
      widgets: { properties: { metrics?: unknown[]; alarms?: unknown[] } }[];
    };
    const metrics = widgets.map(({ properties }) => properties.metrics?.length ?? 0);
    for (const length of metrics) expect(length).toBeLessThanOrEqual(500);
    expect(metrics.reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(2_500);
    for (const { properties } of widgets) expect(properties.alarms?.length ?? 0).toBeLessThanOrEqual(100);
    // A row for each secret.
    expect(metrics.filter((length) => length === count).length).toBeGreaterThanOrEqual(5);
  });
});

const imported = (scope: Construct, name: string, encryptionKey: IKey) =>
  Secret.fromSecretAttributes(scope, `Secret-${name}`, {
    secretPartialArn: `arn:${Aws.PARTITION}:secretsmanager:${Aws.REGION}:${Aws.ACCOUNT_ID}:secret:${name}`,
    encryptionKey,
  });
const namesOf = (count: number, length: number) => manyNames(count).map((name) => name.padEnd(length, 'x'));
const unnamed = (scope: Construct, count: number): ISecret[] =>
  Array.from({ length: count }, (_, index) => new Secret(scope, `Secret${index}`) as ISecret);

const withOwnKeys = (scope: Construct, names: readonly string[]): ISecret[] =>
  names.map((name, index) => {
    const arn = `arn:aws:kms:eu-west-1:123456789012:key/mrk-${String(index).padStart(32, '0')}`;
    return imported(scope, name, Key.fromKeyArn(scope, `Key${index}`, arn));
  });
const HALF = Math.floor(MOST / 2);
/** As many as there may be, with everything switched on. */
const most: [string, (scope: Construct, more: number) => ISecret[]][] = [
  ['names that are not long', (scope, more) => named(scope, namesOf(MOST + more, LONG_NAME))],
  ['a key each', (scope, more) => withOwnKeys(scope, namesOf(MOST + more, LONG_NAME))],
  // A dimension of a metric may be no longer.
  ['names of 255 characters', (scope, more) => named(scope, namesOf(HALF + more, 255))],
  ['names of 255 characters and a key each', (scope, more) => withOwnKeys(scope, namesOf(HALF + more, 255))],
  ['names that CloudFormation gives', (scope, more) => unnamed(scope, HALF + more)],
  [
    'names that CloudFormation gives in another stack',
    (scope, more) => unnamed(new Stack(scope.node.root as App, 'Other'), HALF + more),
  ],
  [
    'names that are imported',
    (scope, more) =>
      Array.from({ length: HALF + more }, (_, index) =>
        Secret.fromSecretNameV2(scope, `Secret${index}`, Fn.importValue(`Name${index}`.padEnd(255, 'x'))),
      ),
  ],
  [
    'one long name in three',
    (scope, more) => [...named(scope, namesOf(25 + more, LONG_NAME)), ...named(scope, namesOf(25, 255))],
  ],
];

describe.each(most)('as many secrets as there may be, with %s,', (_, secretsOf) => {
  test.each([{ v2Keys: false }, { v2Keys: true }])('fit with everything on, and v2 keys: $v2Keys', ({ v2Keys }) => {
    const { stack, template } = synth((scope) => ({
      ...everything(scope),
      secrets: secretsOf(scope, 0),
      ...(v2Keys && { v2Keys: everythingOfV2(scope) }),
    }));
    expectToFit(stack);
    expectPoliciesToFit(template);
  });

  test('and one more is refused, with what to do', () => {
    expect(() => synth((scope) => ({ secrets: secretsOf(scope, 1) }))).toThrow(
      /^secrets has \d+, \d+ of them with names that are longer than 64 characters or not known at synthesis, which count twice\. A stack has room for 75\. Share them out over several stacks, each with a MomentoKeyRotation\.$/,
    );
  });
});

test('the longest names of all, without the metrics that they are too long for, fit as well', () => {
  const { stack, template } = synth((scope) => {
    const { dashboard: _, ...others } = everything(scope);
    return {
      ...others,
      secrets: withOwnKeys(scope, namesOf(HALF, 512)),
      dailyCheck: false,
      v2Keys: { overlap: Duration.hours(2) },
    };
  });
  expectToFit(stack);
  expectPoliciesToFit(template);
});

test(`the longest names fit ${MOST_STATEMENTS} statements into the resource policy, of 20,480 characters`, () => {
  const statement = {
    Sid: 'x'.repeat(255),
    Effect: 'Allow',
    Principal: { Service: 'secretsmanager.amazonaws.com' },
    Action: 'lambda:InvokeFunction',
    Resource: `arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:${'x'.repeat(64)}`,
    Condition: {
      StringEquals: { 'AWS:SourceAccount': '123456789012' },
      ArnLike: {
        'AWS:SourceArn': `arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:${'x'.repeat(512)}-??????`,
      },
    },
  };
  expect(JSON.stringify(statement).length * MOST_STATEMENTS).toBeLessThan(20_480);
});

test('a key that they share counts once for each policy', () => {
  const keyArn = (index: number) => `arn:aws:kms:eu-west-1:123456789012:key/mrk-${String(index).padStart(32, '0')}`;
  const { template } = synth((scope) => {
    const keys = [0, 1].map((index) => Key.fromKeyArn(scope, `Key${index}`, keyArn(index)));
    return { secrets: manyNames(MOST).map((name, index) => imported(scope, name, keys[index % 2] as IKey)) };
  });
  const [inline, ...managed] = Object.values({
    ...resources(template, 'AWS::IAM::Policy'),
    ...resources(template, 'AWS::IAM::ManagedPolicy'),
  }).filter((resource) => statements(resource).some(({ Sid }) => Sid === 'RotateSecrets'));
  expect(managed.length).toBeLessThanOrEqual(10);
  for (const resource of managed) {
    expect(deployedLength(resource.Properties['PolicyDocument'])).toBeLessThanOrEqual(6_144);
  }
  for (const resource of [inline as Resource, ...managed]) {
    const use = statements(resource).find(({ Sid }) => Sid === 'UseEncryptionKeys');
    expect([use?.Resource].flat().sort()).toEqual([keyArn(0), keyArn(1)]);
  }
});

test('what is there of a secret stays as it is when another one comes or goes', () => {
  const type = 'AWS::SecretsManager::RotationSchedule';
  const three = resources(synth((scope) => ({ secrets: named(scope, ['a', 'b', 'c']) })).template, type);
  const two = resources(synth((scope) => ({ secrets: named(scope, ['c', 'a']) })).template, type);
  for (const [id, { Properties }] of Object.entries(two)) expect(three[id]?.Properties).toEqual(Properties);
});

test('a schedule keeps its logical id in every release, among few and many: another one would turn rotation off', () => {
  for (const count of [1, MOST]) {
    const { template } = synth((scope) => ({
      ...everything(scope),
      secrets: named(scope, manyNames(count)),
      v2Keys: everythingOfV2(scope),
    }));
    expect(Object.keys(resources(template, 'AWS::SecretsManager::RotationSchedule'))).toContain(
      'RotationSchedulesmomentoteam0authenticationtoken4786F34C',
    );
  }
});

describe('the environment of the function has 4,096 bytes as JSON, and', () => {
  /** As Lambda measures it, with secrets' ARNs as they are when they are deployed. */
  const measured = (template: Template): number => {
    const [, lambda] = only(resources(template, 'AWS::Lambda::Function'));
    const { Variables } = lambda.Properties['Environment'] as { Variables: Record<string, unknown> };
    const filled = Object.entries(Variables).map(([name, value]) => [
      name,
      text(value).replaceAll(/\$\{([^}]+)\}/g, (_, id: string) => `${LONGEST_PLACE}:${id}-AbCdEfGhIjKl-AbCdEf`),
    ]);
    return Buffer.byteLength(JSON.stringify(Object.fromEntries(filled)));
  };
  const LONGEST_PLACE = 'arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret';
  /** How many secrets may have something that takes room, at most, and what is said of one more. */
  const mostOf = (
    props: (scope: Construct, count: number) => Partial<MomentoKeyRotationProps>,
  ): { most: number; template: Template; error: unknown } => {
    let [most, tooMany] = [1, MOST];
    const build = (count: number) => synth((scope) => ({ dailyCheck: false, ...props(scope, count) })).template;
    const errorOf = (count: number): unknown => {
      try {
        build(count);
        return undefined;
      } catch (error) {
        return error;
      }
    };
    while (tooMany - most > 1) {
      const count = Math.floor((most + tooMany) / 2);
      if (errorOf(count) === undefined) most = count;
      else tooMany = count;
    }
    return { most, template: build(most), error: errorOf(tooMany) };
  };
  const withRoles = (secretsOf: (scope: Construct, count: number) => ISecret[], roleId: string) =>
    mostOf((scope, count) => {
      const secrets = secretsOf(scope, count);
      const [adminSecret] = named(scope, ['momento/admin']) as [ISecret];
      return { secrets, v2Keys: { adminSecret, roles: secrets.map((secret) => ({ secret, roleId })) } };
    });
  const UUID = '12345678-1234-1234-1234-123456789012';

  test('roles of more secrets than fit are refused at synthesis, with how to shorten them', () => {
    const { most, template, error } = withRoles((scope, count) => named(scope, manyNames(count)), UUID);
    expect(measured(template)).toBeLessThanOrEqual(4_096);
    // Not one less than fit.
    expect(measured(template)).toBeGreaterThan(4_096 - 100);
    expect(most).toBeGreaterThan(40);
    expect(String(error)).toMatch(
      /^ConfigurationError: The function's environment variables take up to (\d+) bytes, and Lambda has room for 4096\. The longest is MOMENTO_ROLES, with \d+\. Write the role that most secrets have as roleId, and only the others in roles; or share the secrets out over several MomentoKeyRotation constructs\.$/,
    );
  });

  test('one role for all secrets takes no room, and leaves it to others', () => {
    const { template } = synth((scope) => {
      const secrets = named(scope, manyNames(MOST));
      const [adminSecret] = named(scope, ['momento/admin']) as [ISecret];
      const roles = secrets.slice(0, 35).map((secret) => ({ secret, roleId: UUID }));
      return { secrets, dailyCheck: false, v2Keys: { adminSecret, roleId: UUID, roles, revokeFirstKey: secrets } };
    });
    expect(measured(template)).toBeLessThanOrEqual(4_096);
  });

  test('secrets that CloudFormation names count with the names that it gives them', () => {
    const { most, template, error } = withRoles(unnamed, UUID);
    expect(measured(template)).toBeLessThanOrEqual(4_096);
    // The prefix of an ARN counts with some characters more than it has.
    expect(measured(template)).toBeGreaterThan(4_096 - 200 - 16 * most);
    expect(String(error)).toContain('The longest is MOMENTO_ROLES');
  });

  test.each<[string, (scope: Construct, count: number) => ISecret[], number]>([
    [
      'imported by a name',
      (scope, count) =>
        Array.from({ length: count }, (_, index) =>
          Secret.fromSecretNameV2(scope, `Secret${index}`, Fn.importValue(`Name${index}`)),
        ),
      Math.floor(4_096 / 591),
    ],
    [
      'of the app with a name',
      (scope, count) =>
        Array.from(
          { length: count },
          (_, index) => new Secret(scope, `Secret${index}`, { secretName: Fn.importValue(`Name${index}`) }) as ISecret,
        ),
      Math.floor(4_096 / 591),
    ],
  ])('secrets %s that is not known at synthesis count with the longest there could be', (_, secretsOf, atMost) => {
    const { most, error } = withRoles(secretsOf, 'role');
    expect(most).toBe(atMost);
    expect(String(error)).toContain('The longest is MOMENTO_ROLES');
  });

  test('first keys of more secrets than fit are refused, unless it is all of them', () => {
    const { template, error } = mostOf((scope, count) => {
      const secrets = named(scope, namesOf(count + 1, LONG_NAME));
      return { secrets, v2Keys: { revokeFirstKey: secrets.slice(1) } };
    });
    expect(measured(template)).toBeGreaterThan(4_096 - 100);
    expect(String(error)).toContain('The longest is MOMENTO_REVOKE_FIRST_KEY, with ');
    expect(String(error)).toContain(
      'Write all of the secrets in revokeFirstKey, which takes no room, or only those whose first key is not revoked yet; or share',
    );
    const all = (scope: Construct) => {
      const secrets = named(scope, manyNames(MOST));
      return { secrets, dailyCheck: false, v2Keys: { revokeFirstKey: secrets } };
    };
    expect(() => synth(all)).not.toThrow();
  });

  test('with all that there is of v2 keys, the longest names of admin secrets fit', () => {
    expect(() => synth((scope) => ({ ...everything(scope), v2Keys: everythingOfV2(scope) }))).not.toThrow();
  });

  test('what else is too long is refused, too', () => {
    expect(() => synth(() => ({ pingCache: 'e'.repeat(4_000) }))).toThrow(
      /The longest is MOMENTO_PING_CACHE, with 4024\. Write fewer or shorter values; or share/,
    );
    const roleId = 'é'.repeat(2_000);
    expect(() =>
      synth((scope) => ({ v2Keys: { adminSecret: Secret.fromSecretNameV2(scope, 'Long', 'admin'), roleId } })),
    ).toThrow(/The longest is MOMENTO_ROLE_ID, with 4021\. Write fewer or shorter values; or share/);
  });
});
