import type { Template } from 'aws-cdk-lib/assertions';
import { resources, text } from './synth.ts';

/** A metric as a template names it. A dashboard's search leaves open what a dimension is: undefined. */
export interface NamedMetric {
  where: 'alarm' | 'dashboard';
  namespace: string;
  name: string;
  dimensions: Record<string, string | undefined>;
}

interface Dimension {
  Name: string;
  Value: unknown;
}
interface PlainMetric {
  Namespace: string;
  MetricName: string;
  Dimensions: Dimension[];
}

/** Every metric in the alarms and dashboards of a template. */
export function metricsIn(template: Template): NamedMetric[] {
  const alarms = Object.values(resources(template, 'AWS::CloudWatch::Alarm')).flatMap(({ Properties }) => {
    const queries = Properties['Metrics'] as { MetricStat?: { Metric: PlainMetric } }[] | undefined;
    const metrics = queries?.flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Metric] : []));
    return (metrics ?? [Properties as unknown as PlainMetric]).map(ofAlarm);
  });
  const dashboards = Object.values(resources(template, 'AWS::CloudWatch::Dashboard')).flatMap(({ Properties }) => {
    const body = JSON.parse(text(Properties['DashboardBody'])) as {
      widgets: { properties: { metrics?: unknown[][] } }[];
    };
    return body.widgets.flatMap(({ properties }) => (properties.metrics ?? []).map(ofDashboard));
  });
  return [...alarms, ...dashboards];
}

function ofAlarm({ Namespace, MetricName, Dimensions }: PlainMetric): NamedMetric {
  const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, text(Value)]));
  return { where: 'alarm', namespace: Namespace, name: MetricName, dimensions };
}

/** `[namespace, name, dimension, value, …, options]` or `[{expression}]`, with `SEARCH('{namespace,dimension,…} …', …)`. */
function ofDashboard(row: unknown[]): NamedMetric {
  const expression = (row[0] as { expression?: string }).expression;
  if (expression === undefined) {
    const [namespace, name, ...rest] = row.filter((item) => typeof item === 'string');
    const pairs = rest.flatMap((key, index) => (index % 2 === 0 ? [[key, rest[index + 1]] as const] : []));
    return { where: 'dashboard', namespace: namespace ?? '', name: name ?? '', dimensions: Object.fromEntries(pairs) };
  }
  const [, schema = '', terms = ''] = /^SEARCH\('\{([^}]+)\} ([^']+)'/.exec(expression) ?? [];
  const [namespace = '', ...names] = schema.split(',');
  const term = (name: string) => new RegExp(`${name}="([^"]+)"`).exec(terms)?.[1];
  const dimensions = Object.fromEntries(names.map((name) => [name, term(name)]));
  return { where: 'dashboard', namespace, name: term('MetricName') ?? '', dimensions };
}

/** Does the template's metric include one that was emitted? */
export function includes(
  named: NamedMetric,
  emitted: { namespace: string; name: string; dimensions: Record<string, string> },
): boolean {
  return (
    named.namespace === emitted.namespace &&
    named.name === emitted.name &&
    Object.keys(named.dimensions).sort().join() === Object.keys(emitted.dimensions).sort().join() &&
    Object.entries(named.dimensions).every(([key, value]) => value === undefined || value === emitted.dimensions[key])
  );
}
