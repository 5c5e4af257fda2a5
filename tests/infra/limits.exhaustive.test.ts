import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, Aws, Duration, Fn, NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import type { MomentoKeyRotationProps, V2KeysProps } from '../../infra/index.ts';
import { MOST_STATEMENTS } from '../../infra/invocation.ts';
import { mostWatched } from '../../infra/watch.ts';
import { manyNames, named, only, type Resource, resources, statements, synth, text, waitedForBy } from './synth.ts';

/** Secrets with such names as these that have rows of their own on a dashboard. */
const MOST_ROWS = 103;

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
    .filter(([id]) => /(Secrets|Run|Manual|AdminSecret|ScheduleRevocation)/.test(id))
    .map(([, { Properties }]) => Properties['PolicyDocument']);
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
const nestedOf = (stack: Stack): Stack[] =>
  stack.node.findAll().filter((node): node is NestedStack => node instanceof NestedStack);

/** CloudFormation takes 1 MB. The rest is for what else may be in the stack, and for a deeper path to the construct. */
const MOST_CHARACTERS = 900_000;
/** The templates of a stack and those nested in it, read from where `app.synth()` has just written them to. */
const writtenOf = (stack: Stack): string[] => {
  const { directory } = (stack.node.root as App).synth();
  return [stack, ...nestedOf(stack)].map(({ templateFile }) => readFileSync(join(directory, templateFile), 'utf8'));
};
/** What was written fits into what CloudFormation takes. */
const expectToFit = (written: readonly string[]): void => {
  for (const text of written) {
    expect(text).toMatch(/^\{\n /);
    expect(text.length).toBeLessThanOrEqual(MOST_CHARACTERS);
    const { Resources, Parameters = {} } = JSON.parse(text) as Record<string, object>;
    // And one that the CDK's command adds.
    expect(Object.keys(Resources ?? {}).length).toBeLessThan(500);
    expect(Object.keys(Parameters).length).toBeLessThanOrEqual(200);
  }
};

const variants = [false, true].flatMap((v2Keys) => {
  const { inOwnStack, inNestedStack } = mostWatched(v2Keys);
  const boundaries = [MOST_STATEMENTS, MOST_ROWS, inOwnStack, inNestedStack].flatMap((most) => [most, most + 1]);
  return [...new Set([1, 2, ...boundaries, 400])].map((count) => ({
    count,
    v2Keys,
    title: `${count} secrets${v2Keys ? ' of v2 keys' : ''}`,
  }));
});

describe.each(variants)('$title', ({ count, v2Keys }) => {
  const { stack, template } = synth((scope) => ({
    ...everything(scope),
    secrets: named(scope, manyNames(count)),
    ...(v2Keys && { v2Keys: everythingOfV2(scope) }),
  }));
  const written = writtenOf(stack);
  const templates = [template, ...nestedOf(stack).map((nested) => Template.fromStack(nested))];

  test('fit into stacks of less than 500 resources, 200 parameters and 1 MB, as the CDK writes them', () => {
    expectToFit(written);
  });

  test('wait for all that a rotation needs, whichever is the last', () => {
    const needed = Object.entries(resources(template)).flatMap(([id, { Type }]) =>
      Type === 'AWS::Lambda::Permission' ||
      Type === 'AWS::Lambda::EventInvokeConfig' ||
      /^Rotation(Run|Secrets|ManualRotation|AdminSecret|ScheduleRevocation|Revocation)Policy/.test(id)
        ? [id]
        : [],
    );
    expect(needed.length).toBeGreaterThan(v2Keys ? 7 : 3);
    const last = Object.keys(resources(template, 'AWS::SecretsManager::RotationSchedule')).at(-1) ?? '';
    expect([...waitedForBy(template, last)]).toEqual(expect.arrayContaining(needed));
  });

  test(`each have a schedule, a check and ${v2Keys ? 'three' : 'two'} alarms`, () => {
    const ofType = (type: string) => templates.flatMap((each) => Object.values(resources(each, type)));
    expect(ofType('AWS::SecretsManager::RotationSchedule')).toHaveLength(count);
    expect(ofType('AWS::Scheduler::Schedule')).toHaveLength(count);
    expect(ofType('AWS::CloudWatch::Alarm')).toHaveLength(v2Keys ? 3 * count + 2 : 2 * count + 1);
    template.resourceCountIs('AWS::Lambda::Function', 1);
  });

  test("fit into the role's policies", () => {
    const inline = documents(template, 'AWS::IAM::Policy').map(deployedLength);
    expect(inline.reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(10_240);
    const managed = documents(template, 'AWS::IAM::ManagedPolicy');
    expect(managed.length).toBeLessThanOrEqual(10);
    for (const document of managed) expect(deployedLength(document)).toBeLessThanOrEqual(6_144);
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
    // A row for each secret, or one that finds them.
    expect(metrics.filter((length) => length === (count <= MOST_ROWS ? count : 1)).length).toBeGreaterThanOrEqual(5);
  });
});

const sharedKey = (scope: Construct) =>
  Key.fromKeyArn(scope, 'SharedKey', `arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-${'0'.repeat(32)}`);
const imported = (scope: Construct, name: string, encryptionKey: IKey) =>
  Secret.fromSecretAttributes(scope, `Secret-${name}`, {
    secretPartialArn: `arn:${Aws.PARTITION}:secretsmanager:${Aws.REGION}:${Aws.ACCOUNT_ID}:secret:${name}`,
    encryptionKey,
  });
const namesOf = (count: number, length: number) => manyNames(count).map((name) => name.padEnd(length, 'x'));
const unnamed = (scope: Construct, count: number): ISecret[] =>
  Array.from({ length: count }, (_, index) => new Secret(scope, `Secret${index}`) as ISecret);

describe.each([{ v2Keys: false }, { v2Keys: true }])('with everything on, and v2 keys: $v2Keys,', ({ v2Keys }) => {
  test.each<[string, (scope: Construct) => ISecret[]]>([
    [
      '400 with one key',
      (scope) => {
        const key = sharedKey(scope);
        return manyNames(400).map((name) => imported(scope, name, key));
      },
    ],
    [
      '220 with a key each',
      (scope) =>
        manyNames(220).map((name, index) => {
          const arn = `arn:aws:kms:eu-west-1:123456789012:key/mrk-${String(index).padStart(32, '0')}`;
          return imported(scope, name, Key.fromKeyArn(scope, `Key${index}`, arn));
        }),
    ],
    // The longest names that so many can have, for the role's policies.
    ['400 with names of 53 characters', (scope) => named(scope, namesOf(400, 53))],
    // The most of them that are watched in the own stack, or the fewest that are not.
    ['100 with names of 116 characters', (scope) => named(scope, namesOf(100, 116))],
    ...[36, 54, 55, 74, 75, 148].map((count): [string, (scope: Construct) => ISecret[]] => [
      // A dimension of a metric may be no longer.
      `${count} with names of 255 characters`,
      (scope) => named(scope, namesOf(count, 255)),
    ]),
    ...[10, 11, 39, 40, 53, 54, 88].map((count): [string, (scope: Construct) => ISecret[]] => [
      `${count} that CloudFormation names`,
      (scope) => unnamed(scope, count),
    ]),
    [
      '88 of another stack that CloudFormation names',
      (scope) => unnamed(new Stack(scope.node.root as App, 'Other'), 88),
    ],
  ])('%s fit as the CDK writes them', (_, secrets) => {
    const { stack } = synth((scope) => ({
      ...everything(scope),
      secrets: secrets(scope),
      ...(v2Keys && { v2Keys: everythingOfV2(scope) }),
    }));
    expectToFit(writtenOf(stack));
  });
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

test('secrets that are named by CloudFormation count with the longest name they could have', () => {
  const owned = (count: number) => (scope: Construct) => ({
    secrets: Array.from({ length: count }, (_, index) => new Secret(scope, `Secret${index}`) as ISecret),
  });
  expect(() => synth(owned(80))).not.toThrow();
  expect(() => synth(owned(120))).toThrow(
    /^120 secrets need \d+ policies, and a role takes 11\. Share them out over several MomentoKeyRotation constructs, or give them names that are shorter and known at synthesis\.$/,
  );
});

test('keys of their own count too', () => {
  const withKeys = (count: number) => (scope: Construct) => ({
    secrets: manyNames(count).map((name, index) =>
      Secret.fromSecretAttributes(scope, name, {
        secretPartialArn: `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}`,
        encryptionKey: Key.fromKeyArn(
          scope,
          `Key${index}`,
          `arn:aws:kms:eu-west-1:123456789012:key/mrk-${String(index).padStart(32, '0')}`,
        ),
      }),
    ),
  });
  const { template } = synth(withKeys(200));
  for (const document of documents(template, 'AWS::IAM::ManagedPolicy')) {
    expect(deployedLength(document)).toBeLessThanOrEqual(6_144);
  }
  expect(() => synth(withKeys(300))).toThrow(/^300 secrets need \d+ policies/);
});

test('a key that they share counts once for each policy', () => {
  const keyArn = (index: number) => `arn:aws:kms:eu-west-1:123456789012:key/mrk-${String(index).padStart(32, '0')}`;
  const { template } = synth((scope) => {
    const keys = [0, 1].map((index) => Key.fromKeyArn(scope, `Key${index}`, keyArn(index)));
    return { secrets: manyNames(400).map((name, index) => imported(scope, name, keys[index % 2] as IKey)) };
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

test('more secrets than a stack can hold are refused, with what to do', () => {
  expect(() => synth((scope) => ({ secrets: named(scope, manyNames(401)) }))).toThrow(
    '401 secrets do not fit into a stack, which holds 400. Share them out over several stacks, each with a MomentoKeyRotation.',
  );
});

test.each([
  ['', {}, 3],
  [' of v2 keys', { v2Keys: {} }, 4],
])('nested stacks take as many secrets%s as their resources allow', (_, props, perSecret) => {
  const { inNestedStack } = mostWatched('v2Keys' in props);
  const { stack } = synth((scope) => ({ secrets: named(scope, manyNames(2 * inNestedStack)), ...props }));
  const watches = nestedOf(stack);
  expect(watches).toHaveLength(2);
  for (const watch of watches) {
    expect(Object.keys(resources(Template.fromStack(watch)))).toHaveLength(perSecret * inNestedStack);
  }
  expect(perSecret * (inNestedStack + 1)).toBeGreaterThan(450);
});

test('what is there of a secret stays as it is when another one comes or goes', () => {
  const type = 'AWS::SecretsManager::RotationSchedule';
  const three = resources(synth((scope) => ({ secrets: named(scope, ['a', 'b', 'c']) })).template, type);
  const two = resources(synth((scope) => ({ secrets: named(scope, ['c', 'a']) })).template, type);
  for (const [id, { Properties }] of Object.entries(two)) expect(three[id]?.Properties).toEqual(Properties);
});

test('a schedule keeps its logical id in every release, among few and many: another one would turn rotation off', () => {
  for (const count of [1, 150]) {
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
    let [most, tooMany] = [1, 200];
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
      /^Error: The function's environment variables take up to (\d+) bytes, and Lambda has room for 4096\. The longest is MOMENTO_ROLES, with \d+\. Write the role that most secrets have as roleId, and only the others in roles; or share the secrets out over several MomentoKeyRotation constructs\.$/,
    );
  });

  test('one role for 400 secrets takes no room, and leaves it to others', () => {
    const { template } = synth((scope) => {
      const secrets = named(scope, manyNames(400));
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
      const secrets = named(scope, manyNames(count + 1));
      return { secrets, v2Keys: { revokeFirstKey: secrets.slice(1) } };
    });
    expect(measured(template)).toBeGreaterThan(4_096 - 100);
    expect(String(error)).toContain('The longest is MOMENTO_REVOKE_FIRST_KEY, with ');
    expect(String(error)).toContain(
      'Write all of the secrets in revokeFirstKey, which takes no room, or only those whose first key is not revoked yet; or share',
    );
    const all = (scope: Construct) => {
      const secrets = named(scope, manyNames(400));
      return { secrets, dailyCheck: false, v2Keys: { revokeFirstKey: secrets } };
    };
    expect(() => synth(all)).not.toThrow();
  });

  test('with all that there is of v2 keys, the longest names of admin secrets fit', () => {
    expect(() => synth((scope) => ({ ...everything(scope), v2Keys: everythingOfV2(scope) }))).not.toThrow();
  });

  test('what else is too long is refused, too', () => {
    expect(() => synth(() => ({ pingCache: 'é'.repeat(2_000) }))).toThrow(
      /The longest is MOMENTO_PING_CACHE, with 4024\. Write fewer or shorter values; or share/,
    );
  });
});
