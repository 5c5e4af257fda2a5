import { Duration } from 'aws-cdk-lib';
import { Unit } from 'aws-cdk-lib/aws-cloudwatch';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, test } from 'vitest';
import { METRICS, NAMESPACE, SERVICE } from '../../src/metrics.ts';
import { includes, metricsIn } from './metrics-in.ts';
import { emptyStack, named, resources, synth } from './synth.ts';

const emitted = Object.entries(METRICS).map(([name, { dimensions }]) => {
  const values: Record<string, string> = { service: SERVICE, secret: 'momento/key', step: 'createSecret' };
  return {
    namespace: NAMESPACE,
    name,
    dimensions: Object.fromEntries(dimensions.map((dimension) => [dimension, values[dimension] ?? ''])),
  };
});

describe('with a dashboard', () => {
  const { template } = synth(() => ({ dashboard: true, v2Keys: {} }));
  const found = metricsIn(template);

  test.each(emitted)('the template shows $name', (metric) => {
    expect(found.some((candidate) => includes(candidate, metric))).toBe(true);
  });

  test('the template has no metric that nobody emits', () => {
    const strangers = found.filter(
      (candidate) => candidate.namespace !== 'AWS/Lambda' && !emitted.some((metric) => includes(candidate, metric)),
    );
    expect(strangers).toEqual([]);
    expect(found.filter(({ namespace }) => namespace === 'AWS/Lambda').map(({ name }) => name)).toEqual([
      'Errors',
      'Errors',
    ]);
  });

  test('the template shows what becomes of v2 keys only if they are managed', () => {
    const names = metricsIn(synth(() => ({ dashboard: true })).template).map(({ name }) => name);
    expect([...new Set(names)].sort()).toEqual([
      'DaysSinceLastRotation',
      'DaysUntilKeyExpires',
      'Errors',
      'NewKeyExpiresBeforeNextRotation',
      'NewKeyLifetime',
      'RotationSucceeded',
      'StepFailed',
    ]);
  });

  test('the function is told the same namespace and service', () => {
    const [lambda] = Object.values(resources(template, 'AWS::Lambda::Function'));
    expect(lambda?.Properties['Environment']).toEqual({
      Variables: {
        NODE_OPTIONS: expect.any(String),
        POWERTOOLS_SERVICE_NAME: SERVICE,
        POWERTOOLS_METRICS_NAMESPACE: NAMESPACE,
      },
    });
  });
});

describe('the construct hands out metrics', () => {
  const secretsOf = (stack: ReturnType<typeof emptyStack>) => named(stack, ['momento/key']);
  const { rotation, stack } = synth(() => ({}));
  const secret = Secret.fromSecretNameV2(stack, 'Other', 'momento/other');

  test('each with the dimensions that the function emits', () => {
    const own = emptyStack();
    const [key] = secretsOf(own);
    if (key === undefined) throw new Error('no secret');
    const { rotation } = synth(() => ({ secrets: [key] }));
    const metrics = [
      rotation.metricRotationSucceeded(key),
      rotation.metricNewKeyLifetime(key),
      rotation.metricNewKeyExpiresBeforeNextRotation(key),
      rotation.metricDaysSinceLastRotation(key),
      rotation.metricDaysUntilKeyExpires(key),
      rotation.metricRevocationFailed(key),
      rotation.metricKeysAwaitingRevocation(key),
      rotation.metricStepFailed(key, 'createSecret'),
    ];
    const described = metrics.map(({ namespace, metricName, dimensions }) => ({
      namespace,
      name: metricName,
      dimensions,
    }));
    expect(described).toEqual(expect.arrayContaining(emitted));
    expect(described).toHaveLength(emitted.length);
    expect(metrics.map(({ statistic }) => statistic)).toEqual([
      'Sum',
      'Minimum',
      'Sum',
      'Minimum',
      'Maximum',
      'Sum',
      'Maximum',
      'Sum',
    ]);
    expect(rotation.metricDaysUntilKeyExpires(key).period.toDays()).toBe(1);
    expect(rotation.metricKeysAwaitingRevocation(key).period.toDays()).toBe(1);
    expect(rotation.metricStepFailed(key, 'check', { period: Duration.hours(1) }).period.toHours()).toBe(1);
  });

  test("Lambda's own errors among them", () => {
    expect(rotation.metricErrors()).toMatchObject({ namespace: 'AWS/Lambda', metricName: 'Errors', statistic: 'Sum' });
  });

  test('but none of a secret that it does not rotate', () => {
    expect(() => rotation.metricRotationSucceeded(secret)).toThrow(
      'Stack/Other is not among the secrets that Stack/Rotation rotates.',
    );
  });
});

test('units are those that the function states', () => {
  expect(Object.fromEntries(Object.entries(METRICS).map(([name, { unit }]) => [name, unit]))).toEqual({
    RotationSucceeded: Unit.COUNT,
    NewKeyLifetime: Unit.SECONDS,
    NewKeyExpiresBeforeNextRotation: Unit.COUNT,
    RevocationFailed: Unit.COUNT,
    KeysAwaitingRevocation: Unit.COUNT,
    StepFailed: Unit.COUNT,
    DaysSinceLastRotation: Unit.NONE,
    DaysUntilKeyExpires: Unit.NONE,
  });
});
