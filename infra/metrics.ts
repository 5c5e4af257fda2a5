import type { Duration } from 'aws-cdk-lib';
import { Metric, type MetricOptions, Unit } from 'aws-cdk-lib/aws-cloudwatch';

/**
 * What the function tells CloudWatch. Alarms and dashboards name its metrics through this file alone, and the function is
 * given the namespace and the service in its environment.
 */

export const NAMESPACE = 'MomentoKeyRotation';
export const SERVICE = 'momento-key-rotation';

/** Units and dimensions of each metric that the function emits. */
export const EMITTED_METRICS = {
  RotationSucceeded: { unit: Unit.COUNT, dimensions: ['service', 'secret'] },
  NewKeyLifetime: { unit: Unit.SECONDS, dimensions: ['service', 'secret'] },
  NewKeyExpiresBeforeNextRotation: { unit: Unit.COUNT, dimensions: ['service', 'secret'] },
  RevocationFailed: { unit: Unit.COUNT, dimensions: ['service', 'secret'] },
  KeysAwaitingRevocation: { unit: Unit.COUNT, dimensions: ['service', 'secret'] },
  StepFailed: { unit: Unit.COUNT, dimensions: ['service', 'secret', 'step'] },
  DaysSinceLastRotation: { unit: Unit.NONE, dimensions: ['service', 'secret'] },
  DaysUntilKeyExpires: { unit: Unit.NONE, dimensions: ['service', 'secret'] },
} as const;

export type EmittedMetric = keyof typeof EMITTED_METRICS;

/** What `StepFailed` can be about: a step, a rotation started by hand, the daily check, a scheduled revocation. */
export type FailedStep = 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret' | 'rotate' | 'check' | 'revoke';

/** The metric of one secret. */
export function secretMetric(
  metricName: Exclude<EmittedMetric, 'StepFailed'>,
  secretName: string,
  options: MetricOptions & { statistic: string; period: Duration },
): Metric {
  return new Metric({
    namespace: NAMESPACE,
    metricName,
    dimensionsMap: { service: SERVICE, secret: secretName },
    ...options,
  });
}

export function stepFailedMetric(
  secretName: string,
  step: FailedStep,
  options: MetricOptions & { statistic: string; period: Duration },
): Metric {
  return new Metric({
    namespace: NAMESPACE,
    metricName: 'StepFailed' satisfies EmittedMetric,
    dimensionsMap: { service: SERVICE, secret: secretName, step },
    ...options,
  });
}

/** For dashboards: a metric with whatever values its dimensions take. Alarms cannot search. */
export function searchExpression(metricName: EmittedMetric, statistic: string, period: Duration): string {
  const schema = [NAMESPACE, ...EMITTED_METRICS[metricName].dimensions].join(',');
  return `SEARCH('{${schema}} MetricName="${metricName}" service="${SERVICE}"', '${statistic}', ${period.toSeconds()})`;
}
