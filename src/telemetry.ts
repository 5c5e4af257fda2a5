import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRICS, type MetricName, NAMESPACE, SERVICE } from './metrics.ts';
import { concise, rotationError } from './rotation/errors.ts';
import type { Report } from './rotation/report.ts';
import { secretName } from './rotation/secret-id.ts';

/**
 * What the function tells CloudWatch: one log line for each invocation, as JSON, and metrics in the embedded metric
 * format, in namespace `MomentoKeyRotation` with dimensions `service` and `secret` (a failure also by `step`). Powertools'
 * own settings apply: `POWERTOOLS_LOG_LEVEL`, `POWERTOOLS_SERVICE_NAME`, `POWERTOOLS_METRICS_NAMESPACE`.
 *
 * Nothing here is given a value of a secret, and no message of an error that is not the project's own is passed on.
 */
export interface Telemetry {
  /** Says more of what the invocation is about, as soon as that is known. */
  concerns(subject: Partial<Subject>): void;
  /** For what is worth knowing although the work was done. */
  report: Report;
  succeeded(outcome: string): void;
  /** For what is wrong with one of several. */
  problem(error: unknown): void;
  /** @returns the error to throw */
  failed(error: unknown): Error;
}

const serviceName = process.env['POWERTOOLS_SERVICE_NAME'] || SERVICE;
const logger = new Logger({ serviceName });
const metrics = new Metrics({
  serviceName,
  namespace: process.env['POWERTOOLS_METRICS_NAMESPACE'] || NAMESPACE,
});

/** What an invocation is about. Names are such that Secrets Manager has answered for, and nothing that merely stands in an event. */
interface Subject {
  /** Left out where it is about several. */
  secret: string;
  version: string;
  /** A step of the protocol, `rotate`, `check` or `revoke`. */
  step: string;
}

export function startTelemetry(now: () => number): Telemetry {
  const startedAt = now();
  let subject: Partial<Subject> = {};
  const title = (message: string) => `${subject.step ?? 'event'}: ${message}`;
  const line = (outcome: string) => ({ ...subject, outcome, durationMs: now() - startedAt });
  const logFailure = (error: unknown) => {
    const known = rotationError(error);
    logger.error(title(known.message), {
      ...line('failed'),
      failure: known.failure,
      ...(known === error ? {} : { frames: frames(error) }),
    });
    return known;
  };

  return {
    concerns: (known) => {
      subject = { ...subject, ...known };
    },
    report: {
      warn: (message) => logger.warn(title(concise(message)), { ...subject }),
      measure: (metric: MetricName, value) =>
        measure(metric, value, { secret: secretName(subject.secret ?? 'unknown') }),
    },
    succeeded: (outcome) => logger.info(title(outcome), line(outcome)),
    problem: logFailure,
    failed: (error) => {
      const known = logFailure(error);
      measure('StepFailed', 1, { secret: secretName(subject.secret ?? 'unknown'), step: subject.step ?? 'event' });
      return known;
    },
  };
}

const UNITS = { Count: MetricUnit.Count, Seconds: MetricUnit.Seconds, None: MetricUnit.NoUnit };

function measure(metric: MetricName, value: number, dimensions: Record<string, string>): void {
  // Each is published by itself: the next one may have other dimensions.
  metrics.addDimensions(dimensions).addMetric(metric, UNITS[METRICS[metric].unit], value).publishStoredMetrics();
}

/** Where an error comes from, without its message. */
function frames(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const { stack = '', message } = error;
  const trace = stack.slice(stack.indexOf(message) + message.length);
  return trace.split('\n').filter((line) => /^ {4}at .*:\d+:\d+\)?$/.test(line));
}
