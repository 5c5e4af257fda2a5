import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  CfnAlarm,
  ComparisonOperator,
  MathExpression,
  type Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { RotationFunction } from './function.ts';
import { secretMetric } from './metrics.ts';

const DAY = Duration.days(1);

/**
 * A daily figure is judged over two days: it rings when neither of the last two days has a good one. One day would not
 * do, since a day as CloudWatch cuts it can lie between two checks.
 */
const DAYS_JUDGED = 2;

/**
 * What a day without a figure counts as. `treatMissingData` alone would let an old figure stand for some days: CloudWatch
 * looks back further than it evaluates ("Configuring how CloudWatch alarms treat missing data").
 */
const AS_IF_NEVER_ROTATED = 9_999;
const AS_IF_EXPIRED = -1;

/**
 * For how long a new alarm does not judge: until then there are not as many daily figures as it asks for, and a secret
 * whose rotation has just been set up may not have been due. CloudWatch allows no more (API reference,
 * `WarmUpConfiguration`).
 */
const WARM_UP = Duration.days(DAYS_JUDGED);

/** Rings when an invocation failed: a step of a rotation, a check, a function that cannot start or runs out of time. */
export function alarmOnFailure(scope: Construct, { lambda, logGroup }: RotationFunction): Alarm {
  return new Alarm(scope, 'FailedAlarm', {
    alarmDescription:
      'The rotation of a Momento API key, or its daily check, failed. The current key stays. ' +
      `Secrets Manager tries again by itself. ${whereToLook(logGroup)}`,
    metric: lambda.metricErrors({ period: Duration.minutes(5), statistic: 'Sum' }),
    threshold: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: 1,
    // Lambda reports nothing in a period without invocations.
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
}

/**
 * Rings when the last rotation is longer ago than it should ever be, or nobody knows, two days in a row.
 *
 * @param longestGap between rotations that go well
 */
export function alarmOnOverdueRotation(
  scope: Construct,
  secretName: string,
  logGroup: ILogGroup,
  longestGap: Duration,
): Alarm {
  const days = longestGap.toDays({ integral: false });
  return dailyAlarm(scope, 'OverdueAlarm', {
    alarmDescription:
      `${secretName}: not rotated for more than ${round(days)} days, or not checked for two. ` +
      `Is rotation still turned on, and does the daily check run? Rotate it now. ${whereToLook(logGroup)}`,
    label: 'days since the last rotation',
    metric: secretMetric('DaysSinceLastRotation', secretName, { statistic: 'Minimum', period: DAY }),
    withoutFigure: AS_IF_NEVER_ROTATED,
    threshold: days,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
  });
}

/**
 * Rings when the key expires soon, or nobody knows when, two days in a row.
 *
 * @param notice how long before the key expires
 */
export function alarmOnExpiry(scope: Construct, secretName: string, logGroup: ILogGroup, notice: Duration): Alarm {
  const days = notice.toDays({ integral: false });
  return dailyAlarm(scope, 'ExpiryAlarm', {
    alarmDescription:
      `${secretName}: the current Momento API key expires in less than ${round(days)} days, or was not checked for two. ` +
      `Once it has expired it can only be replaced by hand: rotate it now. ${whereToLook(logGroup)}`,
    label: 'days until the key expires',
    metric: secretMetric('DaysUntilKeyExpires', secretName, { statistic: 'Maximum', period: DAY }),
    withoutFigure: AS_IF_EXPIRED,
    threshold: days,
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
  });
}

interface DailyAlarmProps {
  readonly alarmDescription: string;
  readonly label: string;
  readonly metric: Metric;
  /** What a day without a figure counts as. */
  readonly withoutFigure: number;
  readonly threshold: number;
  readonly comparisonOperator: ComparisonOperator;
}

function dailyAlarm(scope: Construct, id: string, { label, metric, withoutFigure, ...props }: DailyAlarmProps): Alarm {
  const alarm = new Alarm(scope, id, {
    ...props,
    metric: new MathExpression({
      label,
      expression: `FILL(daily, ${withoutFigure})`,
      usingMetrics: { daily: metric },
      period: DAY,
    }),
    evaluationPeriods: DAYS_JUDGED,
    treatMissingData: TreatMissingData.BREACHING,
  });
  warmUp(alarm);
  return alarm;
}

/** By override, since the property is younger than the oldest CDK that this works with. */
function warmUp(alarm: Alarm): void {
  const resource = alarm.node.defaultChild;
  if (!(resource instanceof CfnAlarm)) throw new Error(`${alarm.node.path} is not a resource.`);
  resource.addPropertyOverride('WarmUpConfiguration', {
    WarmUpPeriodDurationInMinutes: WARM_UP.toMinutes(),
    OnlyStartEvaluatingAfterWarmUpPeriodEnds: true,
  });
}

function whereToLook({ logGroupName }: ILogGroup): string {
  return `The function's log group ${logGroupName} says what happened, and docs/runbook.md what to do.`;
}

function round(days: number): number {
  return Math.round(days * 100) / 100;
}
