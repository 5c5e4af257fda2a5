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
import { exemptFromLint } from './cfn-lint.ts';
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
/** It never tells of a secret with a v1 key; and that checks are missing is for the alarm on overdue rotations to say. */
const AS_IF_ALL_REVOKED = 0;

/**
 * For how long a new alarm does not judge: until then there are not as many daily figures as it asks for, and a secret
 * whose rotation has just been set up may not have been due. CloudWatch allows no more (API reference,
 * `WarmUpConfiguration`).
 */
const WARM_UP = Duration.days(DAYS_JUDGED);

/**
 * Rings when an invocation failed: a step of a rotation, a check, a scheduled revocation, a function that cannot start or
 * runs out of time.
 *
 * @param revokes whether there are scheduled revocations
 */
export function alarmOnFailure(scope: Construct, { lambda, logGroup }: RotationFunction, revokes: boolean): Alarm {
  return new Alarm(scope, 'FailedAlarm', {
    alarmDescription: revokes
      ? 'The rotation of a Momento API key, its daily check, or the revocation of one that it superseded failed. ' +
        `The current key stays. AWS tries a rotation and a revocation again by itself. ${whereToLook(logGroup)}`
      : 'The rotation of a Momento API key, or its daily check, failed. The current key stays. ' +
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
    treatMissingData: TreatMissingData.BREACHING,
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
    treatMissingData: TreatMissingData.BREACHING,
  });
}

/**
 * Rings when keys that should have been revoked were still live on two days in a row. Of a day's figures the worst counts: a
 * rotation revokes what scheduled runs failed to, and would hide each day that they do. For them a key counts only when
 * it has been due for three hours, so that an hour in which Momento is busy does not ring.
 */
export function alarmOnAwaitedRevocation(scope: Construct, secretName: string, logGroup: ILogGroup): Alarm {
  return dailyAlarm(scope, 'RevocationAlarm', {
    alarmDescription:
      `${secretName}: Momento API keys that were superseded should have been revoked, and still work, for two days now. ` +
      `Applications are not affected. ${whereToLook(logGroup)}`,
    label: 'keys that await revocation',
    metric: secretMetric('KeysAwaitingRevocation', secretName, { statistic: 'Maximum', period: DAY }),
    withoutFigure: AS_IF_ALL_REVOKED,
    threshold: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
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
  /** In the same sense, should nothing be filled where there never was a figure. */
  readonly treatMissingData: TreatMissingData;
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
  // cfn-lint 1.51 does not know the property yet.
  exemptFromLint(resource, 'E3002');
}

function whereToLook({ logGroupName }: ILogGroup): string {
  return `Log group ${logGroupName} says what happened, docs/runbook.md what to do.`;
}

function round(days: number): number {
  return Math.round(days * 100) / 100;
}
