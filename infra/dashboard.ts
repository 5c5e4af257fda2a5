import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Color,
  Dashboard,
  GraphWidget,
  LogQueryWidget,
  MathExpression,
  TableThreshold,
  TableWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { MetricName } from '../src/metrics.ts';
import type { RotationFunction } from './function.ts';
import { searchExpression, secretMetric } from './metrics.ts';
import type { RotatedSecret } from './secrets.ts';

const DAY = Duration.days(1);
const HOUR = Duration.hours(1);
const FULL_WIDTH = 24;
const HALF_WIDTH = 12;

/** An alarm status widget shows up to 100 (CloudWatch, "Dashboard body structure and syntax"). */
const MOST_ALARMS_SHOWN = 100;

/** What CloudWatch fills in (user guide, "Use dynamic labels"): the name once more would take room in the template. */
const SECRET_NAME = `\${PROP('Dim.secret')}`;

interface DashboardProps {
  readonly secrets: readonly RotatedSecret[];
  readonly alarms: readonly Alarm[];
  readonly rotationFunction: RotationFunction;
  readonly longestGap: Duration;
  readonly expiryNotice: Duration;
  readonly checked: boolean;
  /** Whether superseded keys are revoked. */
  readonly v2Keys: boolean;
}

/**
 * Top to bottom: what rings; how old and how lasting each key is; what rotated; what was not revoked; what failed, in the
 * log's own words.
 */
export function createDashboard(scope: Construct, props: DashboardProps): Dashboard {
  const { lambda, logGroup } = props.rotationFunction;
  // Takes as little room in the template as one secret, and finds those of other stacks, too.
  const ofAll = (metricName: MetricName, statistic: string, period: Duration) =>
    new MathExpression({
      label: '',
      expression: searchExpression(metricName, statistic, period),
      usingMetrics: {},
      period,
    });

  const ofEach = (metricName: Parameters<typeof secretMetric>[0], statistic: string, period: Duration) =>
    props.secrets.map(({ name }) => secretMetric(metricName, name, { statistic, period, label: SECRET_NAME }));

  const dashboard = new Dashboard(scope, 'Dashboard', { defaultInterval: Duration.days(7) });
  const shown = props.alarms.slice(0, MOST_ALARMS_SHOWN);
  const all = shown.length === props.alarms.length;
  dashboard.addWidgets(
    new AlarmStatusWidget({
      title: all ? 'Alarms' : `Alarms: the first ${shown.length} of ${props.alarms.length}`,
      alarms: shown,
      width: FULL_WIDTH,
    }),
  );
  if (props.checked) {
    dashboard.addWidgets(
      new TableWidget({
        title: 'Days since the last rotation',
        width: HALF_WIDTH,
        period: DAY,
        metrics: ofEach('DaysSinceLastRotation', 'Minimum', DAY),
        thresholds: [TableThreshold.above(props.longestGap.toDays({ integral: false }), Color.RED)],
      }),
      new TableWidget({
        title: 'Days until the key expires',
        width: HALF_WIDTH,
        period: DAY,
        metrics: ofEach('DaysUntilKeyExpires', 'Maximum', DAY),
        thresholds: [TableThreshold.below(props.expiryNotice.toDays({ integral: false }), Color.RED)],
      }),
    );
  }
  dashboard.addWidgets(
    new GraphWidget({ title: 'Rotations', width: HALF_WIDTH, left: ofEach('RotationSucceeded', 'Sum', HOUR) }),
    new GraphWidget({
      title: 'Lifetime of new keys',
      width: HALF_WIDTH,
      left: ofEach('NewKeyLifetime', 'Minimum', HOUR),
    }),
  );
  if (props.v2Keys) {
    dashboard.addWidgets(
      new TableWidget({
        title: 'Keys that await revocation',
        width: HALF_WIDTH,
        period: DAY,
        metrics: [ofAll('KeysAwaitingRevocation', 'Maximum', DAY)],
        thresholds: [TableThreshold.above(0, Color.RED)],
      }),
      new GraphWidget({
        title: 'Revocations that failed',
        width: HALF_WIDTH,
        left: [ofAll('RevocationFailed', 'Sum', HOUR)],
      }),
    );
  }
  dashboard.addWidgets(
    new GraphWidget({
      title: 'Failures',
      width: HALF_WIDTH,
      left: [
        lambda.metricErrors({ period: HOUR, statistic: 'Sum', label: 'failed invocations' }),
        ofAll('StepFailed', 'Sum', HOUR),
      ],
    }),
    new GraphWidget({
      title: 'New keys that expire before the next rotation',
      width: HALF_WIDTH,
      left: ofEach('NewKeyExpiresBeforeNextRotation', 'Sum', HOUR),
    }),
  );
  dashboard.addWidgets(
    new LogQueryWidget({
      title: 'What failed',
      width: FULL_WIDTH,
      logGroupNames: [logGroup.logGroupName],
      queryLines: [
        'fields @timestamp, secret, step, failure, coalesce(message, record.errorType, record.status) as what',
        // A function that cannot start, or runs out of time, says nothing itself, but Lambda does.
        'filter outcome = "failed" or (type = "platform.report" and record.status in ["error", "failure", "timeout"])',
        'display @timestamp, secret, step, failure, what',
        'sort @timestamp desc',
        'limit 50',
      ],
    }),
  );
  return dashboard;
}
