/**
 * A small CloudWatch, as far as alarms go: cuts samples into periods, fills what an expression fills, and decides as
 * "Configuring how CloudWatch alarms treat missing data" (CloudWatch user guide) tells it.
 */

/** Without the third, which an alarm that says what missing figures mean has only until there is a figure. */
type AlarmState = 'OK' | 'ALARM';

/** `at` in milliseconds. */
export interface Sample {
  at: number;
  value: number;
}

type TreatMissingData = 'breaching' | 'notBreaching' | 'ignore';

interface AlarmMetric {
  namespace: string;
  name: string;
  dimensions: Record<string, unknown>;
  statistic: string;
  /** Seconds. */
  period: number;
}

interface Alarm {
  metric: AlarmMetric;
  /** From `FILL(metric, value)`. */
  fill: number | undefined;
  threshold: number;
  comparison: string;
  evaluationPeriods: number;
  datapointsToAlarm: number;
  treatMissingData: TreatMissingData;
  /** For how long it does not judge after it was created, whatever figures there are. Milliseconds. */
  warmUpMs: number;
}

interface MetricStat {
  Metric: { Namespace: string; MetricName: string; Dimensions: Dimension[] };
  Stat: string;
  Period: number;
}
interface Dimension {
  Name: string;
  Value: unknown;
}

/** @param properties of an `AWS::CloudWatch::Alarm`: with one metric, or one expression that fills one metric */
export function readAlarm(properties: Record<string, unknown>): Alarm {
  const evaluationPeriods = Number(properties['EvaluationPeriods']);
  const treatMissingData = (['breaching', 'notBreaching', 'ignore'] as const).find(
    (known) => known === properties['TreatMissingData'],
  );
  if (treatMissingData === undefined) {
    throw new Error(`an alarm that treats missing data as ${properties['TreatMissingData']} cannot be played`);
  }
  const warmUp = properties['WarmUpConfiguration'] as
    | { WarmUpPeriodDurationInMinutes: number; OnlyStartEvaluatingAfterWarmUpPeriodEnds?: boolean }
    | undefined;
  return {
    ...readMetric(properties),
    // Without the flag it ends with enough figures, which a filled metric has at once.
    warmUpMs: warmUp?.OnlyStartEvaluatingAfterWarmUpPeriodEnds ? warmUp.WarmUpPeriodDurationInMinutes * 60_000 : 0,
    threshold: Number(properties['Threshold']),
    comparison: String(properties['ComparisonOperator']),
    evaluationPeriods,
    datapointsToAlarm: Number(properties['DatapointsToAlarm'] ?? evaluationPeriods),
    treatMissingData,
  };
}

function readMetric(properties: Record<string, unknown>): Pick<Alarm, 'metric' | 'fill'> {
  const queries = properties['Metrics'] as { Id: string; Expression?: string; MetricStat?: MetricStat }[] | undefined;
  if (queries === undefined) {
    const { Namespace, MetricName, Dimensions, Statistic, Period } = properties as {
      Namespace: string;
      MetricName: string;
      Dimensions: Dimension[];
      Statistic: string;
      Period: number;
    };
    const metric = metricOf({ Metric: { Namespace, MetricName, Dimensions }, Stat: Statistic, Period });
    return { metric, fill: undefined };
  }
  const [, id, fill] =
    /^FILL\((\w+), (-?\d+)\)$/.exec(queries.find((query) => query.Expression)?.Expression ?? '') ?? [];
  const stat = queries.find((query) => query.Id === id)?.MetricStat;
  if (stat === undefined) throw new Error('not an alarm that can be played');
  return { metric: metricOf(stat), fill: Number(fill) };
}

function metricOf({ Metric, Stat, Period }: MetricStat): AlarmMetric {
  return {
    namespace: Metric.Namespace,
    name: Metric.MetricName,
    dimensions: Object.fromEntries(Metric.Dimensions.map(({ Name, Value }) => [Name, Value])),
    statistic: Stat,
    period: Period,
  };
}

/** The periods that end at `now`, newest first: does the figure breach, or undefined if there is none. */
function look(alarm: Alarm, samples: readonly Sample[], now: number, periods: number): (boolean | undefined)[] {
  return Array.from({ length: periods }, (_, index) => {
    const end = now - index * alarm.metric.period * 1000;
    const start = end - alarm.metric.period * 1000;
    const values = samples.filter(({ at }) => at >= start && at < end).map(({ value }) => value);
    const value = values.length === 0 ? alarm.fill : aggregate(alarm.metric.statistic, values);
    return value === undefined ? undefined : breaches(alarm, value);
  });
}

/**
 * @param points newest first: does the figure breach, or undefined if there is none
 * @param before the state that stays where missing figures are ignored, and it is for them to decide
 */
export function decide(
  alarm: Pick<Alarm, 'evaluationPeriods' | 'datapointsToAlarm' | 'treatMissingData'>,
  points: readonly (boolean | undefined)[],
  before: AlarmState,
): AlarmState {
  const { evaluationPeriods, datapointsToAlarm, treatMissingData } = alarm;
  if (treatMissingData === 'ignore') {
    const [worst, best] = (['breaching', 'notBreaching'] as const).map((missing) =>
      decide({ ...alarm, treatMissingData: missing }, points, before),
    );
    return worst !== undefined && worst === best ? worst : before;
  }
  const real = points.filter((point) => point !== undefined).slice(0, evaluationPeriods);
  const missing = evaluationPeriods - real.length;
  const breaching = real.filter(Boolean).length + (treatMissingData === 'breaching' ? missing : 0);
  return breaching >= datapointsToAlarm ? 'ALARM' : 'OK';
}

function breaches({ comparison, threshold }: Alarm, value: number): boolean {
  switch (comparison) {
    case 'GreaterThanThreshold':
      return value > threshold;
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold;
    case 'LessThanThreshold':
      return value < threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= threshold;
    default:
      throw new Error(`unknown comparison ${comparison}`);
  }
}

function aggregate(statistic: string, values: readonly number[]): number {
  switch (statistic) {
    case 'Sum':
      return values.reduce((sum, value) => sum + value, 0);
    case 'Minimum':
      return Math.min(...values);
    case 'Maximum':
      return Math.max(...values);
    default:
      throw new Error(`unknown statistic ${statistic}`);
  }
}

interface Watching {
  /** When the alarm is created. */
  from: number;
  to: number;
  everyMs: number;
}

/** When the alarm goes into `ALARM`; none if it never does. */
export function rings(
  alarm: Alarm,
  samples: readonly Sample[],
  { lookBack, ...watching }: Watching & { lookBack: number },
): number[] {
  return ringsByLookBack(alarm, samples, watching, [lookBack])[0] ?? [];
}

/**
 * The same for several ways of looking back.
 *
 * @param lookBacks how many periods more than it evaluates CloudWatch looks back for figures. The guide shows 2 for 3; what it is for an
 * alarm of days is not said.
 */
export function ringsByLookBack(
  alarm: Alarm,
  samples: readonly Sample[],
  { from, to, everyMs }: Watching,
  lookBacks: readonly number[],
): number[][] {
  const times: number[][] = lookBacks.map(() => []);
  const states: AlarmState[] = lookBacks.map(() => 'OK');
  const periods = alarm.evaluationPeriods + Math.max(...lookBacks);
  for (let now = from + alarm.warmUpMs; now <= to; now += everyMs) {
    const points = look(alarm, samples, now, periods);
    for (const [index, lookBack] of lookBacks.entries()) {
      const before = states[index] ?? 'OK';
      const next = decide(alarm, points.slice(0, alarm.evaluationPeriods + lookBack), before);
      if (next === 'ALARM' && before !== 'ALARM') times[index]?.push(now);
      states[index] = next;
    }
  }
  return times;
}
