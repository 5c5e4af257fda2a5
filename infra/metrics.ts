import type { Duration } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS, type MetricName, NAMESPACE, SERVICE } from '../src/metrics.ts';

/** What `StepFailed` can be about: a step, a rotation started by hand, the daily check, a scheduled revocation. */
export type FailedStep = 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret' | 'rotate' | 'check' | 'revoke';

/** The metric of one secret. */
export function secretMetric(
  metricName: Exclude<MetricName, 'StepFailed'>,
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
    metricName: 'StepFailed' satisfies MetricName,
    dimensionsMap: { service: SERVICE, secret: secretName, step },
    ...options,
  });
}

/** For dashboards: a metric with whatever values its dimensions take. Alarms cannot search. */
export function searchExpression(metricName: MetricName, statistic: string, period: Duration): string {
  const schema = [NAMESPACE, ...METRICS[metricName].dimensions].join(',');
  return `SEARCH('{${schema}} MetricName="${metricName}" service="${SERVICE}"', '${statistic}', ${period.toSeconds()})`;
}
