import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RotationError } from '../src/rotation/errors.ts';
import { startTelemetry } from '../src/telemetry.ts';

let lines: string[];
let now = 1000;
beforeEach(() => {
  lines = [];
  now = 1000;
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  }
});
afterEach(() => {
  vi.restoreAllMocks();
});

const written = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
const arn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:momento/authentication-token-AbCdEf';

function startStep() {
  const telemetry = startTelemetry(() => now);
  telemetry.concerns({ secret: arn, version: 'a-version', step: 'createSecret' });
  now += 250;
  return telemetry;
}

describe('the log has one line a step', () => {
  test('that did its work', () => {
    startStep().succeeded('issued');
    expect(written()).toEqual([
      expect.objectContaining({
        level: 'INFO',
        message: 'createSecret: issued',
        secret: arn,
        version: 'a-version',
        step: 'createSecret',
        outcome: 'issued',
        durationMs: 250,
      }),
    ]);
  });

  test('that failed, with the class of failure, and a metric', () => {
    const error = new RotationError('permanent', 'What to do.');
    expect(startStep().failed(error)).toBe(error);

    const [line, metric] = written();
    expect(line).toMatchObject({
      level: 'ERROR',
      message: 'createSecret: What to do.',
      outcome: 'failed',
      failure: 'permanent',
      durationMs: 250,
    });
    expect(metric).toMatchObject({ StepFailed: 1, secret: 'momento/authentication-token', step: 'createSecret' });
    expect(lines).toHaveLength(2);
  });
});

test('a defect is reported by where it is, and never by its message', () => {
  const thrown = startStep().failed(new TypeError('cannot read hunter2\n    at hunter2 (file:///hunter2:1:1)'));

  expect(thrown).toMatchObject({ name: 'RotationError', failure: 'transient' });
  expect(thrown.message).toContain('Unexpected TypeError');
  expect(thrown.cause).toBeUndefined();
  expect(lines.join()).not.toContain('hunter2');
  expect(written()[0]?.['frames']).toEqual(expect.arrayContaining([expect.stringContaining('telemetry.test.ts')]));
});

test('what is wrong with one of several is a line, and no metric', () => {
  startStep().problem(new RotationError('operator', 'What to do.'));
  expect(written()).toEqual([expect.objectContaining({ level: 'ERROR', message: 'createSecret: What to do.' })]);
});

test('what an invocation is about is known bit by bit', () => {
  const telemetry = startTelemetry(() => now);
  telemetry.concerns({ step: 'testSecret' });
  telemetry.report.warn('Not yet.');
  telemetry.concerns({ secret: arn, version: 'a-version' });
  telemetry.report.warn('Now.');
  const [before, after] = written();
  expect(before).toMatchObject({ message: 'testSecret: Not yet.' });
  expect(before).not.toHaveProperty('secret');
  expect(after).toMatchObject({ secret: arn, version: 'a-version', step: 'testSecret' });
});

test('no line is longer than can be read, whatever it is about', () => {
  const telemetry = startStep();
  telemetry.report.warn('x'.repeat(5000));
  telemetry.failed(new RotationError('operator', 'x'.repeat(5000)));
  for (const { message } of written().filter(({ message }) => message !== undefined)) {
    expect(message).toMatch(/^createSecret: x+ …$/);
    expect(String(message).length).toBeLessThan(1000);
  }
});

test('something thrown that is no error is a defect as well', () => {
  expect(startStep().failed('hunter2').message).toContain('Unexpected string');
  expect(lines.join()).not.toContain('hunter2');
});

test('metrics are in the embedded metric format, by secret', () => {
  const { report } = startStep();
  report.measure('NewKeyLifetime', 3600);
  report.measure('RotationSucceeded', 1);

  const [lifetime, succeeded] = written();
  expect(lifetime).toMatchObject({
    _aws: {
      CloudWatchMetrics: [
        {
          Namespace: 'MomentoKeyRotation',
          Dimensions: [['service', 'secret']],
          Metrics: [{ Name: 'NewKeyLifetime', Unit: 'Seconds' }],
        },
      ],
    },
    NewKeyLifetime: 3600,
    service: 'momento-key-rotation',
    secret: 'momento/authentication-token',
  });
  expect(succeeded).toMatchObject({ RotationSucceeded: 1 });
});

test.each(['RevocationFailed', 'KeysAwaitingRevocation'] as const)('%s is a count', (metric) => {
  startStep().report.measure(metric, 2);
  expect(written()[0]).toMatchObject({
    _aws: { CloudWatchMetrics: [{ Metrics: [{ Name: metric, Unit: 'Count' }] }] },
    [metric]: 2,
  });
});

test('a figure about what Secrets Manager has not answered for names nothing', () => {
  const telemetry = startTelemetry(() => now);
  telemetry.concerns({ step: 'revoke' });
  telemetry.report.measure('RevocationFailed', 1);
  expect(written()[0]).toMatchObject({ RevocationFailed: 1, secret: 'unknown' });
});

test('a warning says what it is about', () => {
  startStep().report.warn('The key expires soon.');
  expect(written()).toEqual([
    expect.objectContaining({ level: 'WARN', message: 'createSecret: The key expires soon.', secret: arn }),
  ]);
});

test('an event that names no secret is logged all the same', () => {
  startTelemetry(() => now).failed(new RotationError('operator', 'The event is wrong.'));
  const [line, metric] = written();
  expect(line).toMatchObject({ message: 'event: The event is wrong.', failure: 'operator' });
  expect(metric).toMatchObject({ StepFailed: 1, secret: 'unknown' });
});
