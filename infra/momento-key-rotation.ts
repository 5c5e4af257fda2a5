import { Annotations, Duration, Token } from 'aws-cdk-lib';
import type { Alarm, Dashboard, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { type ILogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnRotationSchedule, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { MetricName } from '../src/metrics.ts';
import { grantAccess } from './access.ts';
import { alarmOnFailure } from './alarms.ts';
import { ConfigurationError } from './configuration-error.ts';
import { createDashboard } from './dashboard.ts';
import { requireReadableEnvironment, requireRoomInEnvironment } from './environment.ts';
import { createFunction } from './function.ts';
import { allowSecretsManager } from './invocation.ts';
import { type FailedStep, secretMetric, stepFailedMetric } from './metrics.ts';
import { revokeOnSchedule } from './revocation.ts';
import { planRotation } from './schedule.ts';
import { createScheduler } from './scheduler.ts';
import { type RotatedSecret, readSecrets } from './secrets.ts';
import { forwardTrailEvents } from './trail-events.ts';
import { setUpV2Keys, type V2KeysProps } from './v2-keys.ts';
import { type WatchedSecret, watch } from './watch.ts';

export interface MomentoKeyRotationProps {
  /**
   * The secrets to rotate, each holding a v1 Momento API key with its refresh token, or a v2 key with its id and its role
   * (see `v2Keys`): a secret of the app, or one that was imported by name or ARN. They must be in the stack's region and
   * account, and hold a key when they are deployed, since Secrets Manager tests a rotation when it is set up.
   *
   * From 1 to 75 of them, or 37 with names that are longer than 64 characters or not known at synthesis: so many fit into a
   * stack. For more, create several stacks, each with a construct of its own.
   *
   * Rotation is turned off silently when CloudFormation deletes a schedule, also one that it has replaced and whose
   * successor is at work already (aws-cloudformation/cloudformation-coverage-roadmap issue 1813): with another id of this
   * construct or of one around it, with a move to another stack, when a secret of the app is replaced, or is handed over as
   * an imported one. Importing a secret in another way, by name instead of by ARN, changes nothing. Afterwards the daily
   * check fails every day; to turn rotation on again, deploy with another schedule and back, or give the secret its
   * function and schedule by `aws secretsmanager rotate-secret --no-rotate-immediately`.
   *
   * Up to 16 secrets are listed in the function's permission; beyond, it lets Secrets Manager invoke it for any secret of
   * the account. The role works on these secrets alone in either case.
   *
   * A customer-managed key is taken from `encryptionKey`; import such a secret with `Secret.fromSecretAttributes`. The key's
   * policy must leave decisions to IAM, as keys do by default, or let the function's role in by itself.
   */
  readonly secrets: readonly ISecret[];

  /**
   * How long after a rotation the next one is due, in whole hours or days from 4 hours to 1000 days. Well below the
   * lifetime of the keys: an expired key can only be replaced by hand.
   *
   * Secrets Manager picks the time within the rotation window; windows of a schedule in days begin at midnight UTC. To say
   * when, use `cron`.
   *
   * @default - one day, unless `cron` is given
   */
  readonly rotateEvery?: Duration;

  /**
   * When to rotate, in UTC, as `cron(0 Hours Day-of-month Month Day-of-week *)`, at most every 4 hours. Hours are one hour
   * or first/step; one of the days is `?`. For example `cron(0 2 ? * SUN *)`: at 2:00 on Sundays.
   *
   * Several secrets do not all start at once: the name of each says in which hour of the rotation window its own begins, so
   * that many are spread about evenly, and the others stay as they are when one comes or goes. Two may share an hour.
   *
   * @default - none: `rotateEvery` applies
   */
  readonly cron?: string;

  /**
   * How long a rotation window lasts, in whole hours from 1 to 24. Secrets Manager may start a rotation at any time in it.
   * It must end before the next window begins, and with `cron` on the same day in UTC.
   *
   * @default - an hour for a schedule in hours, otherwise until the end of the day in UTC
   */
  readonly rotationWindow?: Duration;

  /**
   * Rotate as soon as the schedule is created or changed. Otherwise a deployment only has the rotation tested, without a
   * new key: Secrets Manager runs the step `testSecret` on the current key. It does so after it has answered, so the
   * deployment may well succeed although the test fails; the log and the alarm on failures tell. What it checks before it
   * answers is that it may invoke the function. When a schedule in hours or days is changed, a rotation that the old one
   * had planned may still happen.
   *
   * @default false
   */
  readonly rotateImmediatelyOnUpdate?: boolean;

  /**
   * Let the function start rotations, for the events `{"SecretId": "…"}` and `{"momento_auth_token_secret_name": "…"}`. Its
   * role may then also call `RotateSecret` on these secrets, and invoke the function. Who may send the event is for IAM to
   * say: grant it with `function.grantInvoke`.
   *
   * @default false
   */
  readonly manualRotation?: boolean;

  /**
   * How v2 keys are managed: by which key and of which roles, for how long they live and go on working when they are
   * superseded, and whether v1 keys are brought over. Keys that were superseded are revoked; with this there is an alarm for
   * each secret when they are not, with the daily check or `revokeOnSchedule`, and the dashboard shows it. Secrets with a v2
   * key are rotated without it, too, with the defaults below. In a VPC the function must reach Momento's HTTP API of keys.
   *
   * @default - v2 keys manage themselves, and nothing watches that they are revoked
   */
  readonly v2Keys?: V2KeysProps;

  /**
   * The cache that the function reads from to see whether a key is let in. It need not exist; best is one that the keys may
   * read. In letters, digits and punctuation of ASCII, as it travels in a header.
   *
   * @default momento-key-rotation-ping
   */
  readonly pingCache?: string;

  /**
   * The domains that a key may be sent to: a host counts if it is one of them or under one, in whatever endpoint a secret's
   * value names, or a v1 key says of itself. Anything else is refused before a key is generated or sent. Names alone, in
   * lower case; they replace the default.
   *
   * @default - momentohq.com
   */
  readonly hosts?: readonly string[];

  /**
   * How long the function's log is kept. The log group outlives the stack.
   *
   * @default RetentionDays.ONE_YEAR
   */
  readonly logRetention?: RetentionDays;

  /**
   * The customer-managed key that the function's log is encrypted with, in the stack's region. It has to be there for as long
   * as the log is to be read.
   *
   * The policy of a key of the app gets a statement that lets CloudWatch Logs use it, for this log group alone. An imported
   * key's policy cannot be changed from here and must have such a statement before the deployment, which fails otherwise
   * (docs/security.md shows it).
   *
   * @default - none: CloudWatch Logs encrypts with a key of its own
   */
  readonly logEncryptionKey?: IKey;

  /**
   * The VPC to run the function in. From its subnets the function must reach Secrets Manager (through a NAT gateway, or an
   * interface endpoint) and Momento (through a NAT gateway, or Momento's private endpoint).
   *
   * The role may then manage network interfaces, in the chosen subnets; the two Describe actions know no resources.
   *
   * @default - no VPC: the function reaches both over the internet
   */
  readonly vpc?: IVpc;

  /**
   * The subnets of `vpc` to run in. A function in a public subnet does not reach the internet.
   *
   * @default - the VPC's private subnets
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The function's security groups in `vpc`. They must let HTTPS out, port 443.
   *
   * @default - a new one, which lets everything out and nothing in
   */
  readonly securityGroups?: ISecurityGroup[];

  /**
   * Trace invocations with AWS X-Ray. The role may then send traces; X-Ray's actions know no resources.
   *
   * @default false
   */
  readonly tracing?: boolean;

  /**
   * Check each secret once a day, and ring when it was not rotated in time, when its key expires soon, and when nobody
   * knows. This is what notices a rotation that never starts. Two alarms a secret, three with
   * `v2Keys`.
   *
   * The alarms do not judge for two days after they are created, and it may be after they are changed: until then there are
   * too few figures, and a key that is old is not overdue, since its first rotation has yet to come. Those two days are
   * blind, but for failures. A key older than its schedule allows rings after them if it has not been rotated within the
   * first day, which is likely with a schedule of several days: rotate such a key once when it is set up.
   *
   * @default true
   */
  readonly dailyCheck?: boolean;

  /**
   * How long before the current key expires the daily check's alarm rings, at least an hour. It takes up to two days to
   * ring, as long as a new alarm waits in any case (see `dailyCheck`), and someone has to act on it. Keys must live longer than this and the longest time between two rotations
   * together, or it rings every time: shorten it for keys that live for a few days.
   *
   * @default Duration.days(4)
   */
  readonly expiryNotice?: Duration;

  /**
   * Where alarms go. Its policy must let `cloudwatch.amazonaws.com` publish, as a topic's default policy does; a topic with
   * a customer-managed key must let it use that, as the key's policy has to say. What `trailEvents` sends comes by a role of
   * its own, which is granted the key of a topic that knows its `masterKey`; with an imported topic that does not, or a key
   * whose policy does not leave decisions to IAM, these messages are lost without a word.
   *
   * @default - nowhere: the alarms are there to be looked at, or to be given actions (see `alarms`)
   */
  readonly alarmTopic?: ITopic;

  /**
   * Tell the topic, too, what Secrets Manager says about the rotations of these secrets: `RotationFailed`,
   * `RotationAbandoned` and `TestRotationFailed`. It says so only in an account with a CloudTrail trail; in any other this
   * does nothing.
   *
   * @default - true if there is an `alarmTopic`
   */
  readonly trailEvents?: boolean;

  /**
   * Create a CloudWatch dashboard that shows for each secret when it was last rotated and how long its key still lives,
   * and what failed.
   *
   * @default false
   */
  readonly dashboard?: boolean;
}

/**
 * So many fit, with everything switched on, into the 500 resources and the 1 MB of a stack's template, as the CDK writes it.
 * Measured by a test. A secret with a long name takes the room of two: its name is in some twenty places, and one that is not
 * known at synthesis is a function of many lines in each.
 */
const MOST_SECRETS = 75;
const LONG_NAME = 64;

/**
 * Rotates Momento API keys in Secrets Manager: one function for any number of secrets, a rotation schedule for each, and
 * alarms for what goes wrong.
 *
 * Keep the construct where it is, under its id: elsewhere its schedules are new ones, and deleting the old ones turns
 * rotation off without a word, until the daily check fails (see `secrets`).
 *
 * @example
 * new MomentoKeyRotation(this, 'MomentoKeyRotation', {
 *   secrets: [Secret.fromSecretNameV2(this, 'Secret', 'momento/authentication-token')],
 * });
 */
export class MomentoKeyRotation extends Construct {
  /** The rotation function. */
  readonly function: IFunction;
  /** The function's log, one JSON line for each step. */
  readonly logGroup: ILogGroup;
  /** All alarms, for example to give them actions other than a topic. */
  readonly alarms: readonly Alarm[];
  /** The dashboard, if there is one. */
  readonly dashboard: Dashboard | undefined;

  private readonly secretNames: ReadonlyMap<ISecret, string>;

  /** @throws ConfigurationError if a property is wrong, with what to write instead */
  constructor(scope: Construct, id: string, props: MomentoKeyRotationProps) {
    super(scope, id);
    const secrets = readSecrets(this, props.secrets);
    requireFewEnough(secrets);
    const plan = planRotation(props);
    const expiryNotice = props.expiryNotice ?? Duration.days(4);
    requireNotice(expiryNotice);
    const checked = props.dailyCheck ?? true;
    if (!checked && props.expiryNotice !== undefined) {
      throw new ConfigurationError(
        'expiryNotice is for the daily check, and dailyCheck is false. Leave one of them out.',
      );
    }
    const { longestGap } = plan;
    if (props.trailEvents === true && props.alarmTopic === undefined) {
      throw new ConfigurationError('trailEvents has nowhere to go. Give an alarmTopic, or leave trailEvents out.');
    }
    if (plan.startTimes === 1 && secrets.length > 1) {
      Annotations.of(this).addWarningV2(
        'momento-key-rotation:sameMinute',
        `${secrets.length} secrets start to rotate in the same minute. Give a rotationWindow of some hours, from an hour that leaves room for it.`,
      );
    }

    const rotationFunction = createFunction(this, {
      pingCache: props.pingCache,
      hosts: props.hosts,
      logRetention: props.logRetention ?? RetentionDays.ONE_YEAR,
      logEncryptionKey: props.logEncryptionKey,
      vpc: props.vpc,
      vpcSubnets: props.vpcSubnets,
      securityGroups: props.securityGroups,
      tracing: props.tracing ?? false,
    });
    const { lambda, role } = rotationFunction;
    const v2Keys = props.v2Keys && setUpV2Keys(this, props.v2Keys, { rotationFunction, secrets, plan });
    requireReadableEnvironment(lambda);
    requireRoomInEnvironment(lambda, [...secrets, ...(v2Keys?.adminSecrets ?? [])]);
    const keyLifetime = props.v2Keys?.keyLifetime;
    if (keyLifetime !== undefined && checked) requireLifetime(keyLifetime, longestGap, expiryNotice);
    const access = grantAccess(this, { role, lambda, secrets, manual: props.manualRotation ?? false });
    const invocation = allowSecretsManager(this, lambda, secrets, [...access, ...(v2Keys?.ready ?? [])]);

    const schedules = new Construct(this, 'Schedules');
    const watched: WatchedSecret[] = secrets.map((secret) => {
      const rotation = new CfnRotationSchedule(schedules, secret.id, {
        secretId: secret.secretId,
        rotationLambdaArn: lambda.functionArn,
        rotationRules: plan.rules(secret.id),
        rotateImmediatelyOnUpdate: props.rotateImmediatelyOnUpdate ?? false,
      });
      // Creating it starts a test at once, which must find everything in place.
      rotation.node.addDependency(invocation);
      return { secret, rotation };
    });

    const interval = v2Keys?.revocationInterval;
    const revokes = interval !== undefined;
    const scheduler = checked || revokes ? createScheduler(this, lambda, revokes) : undefined;
    if (scheduler && revokes) revokeOnSchedule(this, scheduler, watched, interval);
    const daily = watch(this, {
      rotationFunction,
      secrets: watched,
      check: scheduler && checked ? { scheduler, longestGap, expiryNotice } : undefined,
      revocation: v2Keys !== undefined && (checked || revokes),
    });
    const failed = alarmOnFailure(this, rotationFunction, revokes);
    this.alarms = [failed, ...daily];
    if (props.alarmTopic !== undefined) {
      const action = new SnsAction(props.alarmTopic);
      for (const alarm of this.alarms) alarm.addAlarmAction(action);
      // A failure that is over is not mended yet; a good daily figure is.
      for (const alarm of daily) alarm.addOkAction(action);
      if (props.trailEvents ?? true) forwardTrailEvents(this, secrets, props.alarmTopic);
    }
    if (props.dashboard) {
      this.dashboard = createDashboard(this, {
        secrets,
        alarms: this.alarms,
        rotationFunction,
        longestGap,
        expiryNotice,
        checked,
        v2Keys: v2Keys !== undefined,
      });
    }

    this.function = lambda;
    this.logGroup = rotationFunction.logGroup;
    this.secretNames = new Map(props.secrets.map((secret, index) => [secret, secrets[index]?.name ?? '']));
  }

  /**
   * Invocations that failed, of all secrets: a step, a check, a function that cannot start or runs out of time. Lambda's own
   * metric `Errors`.
   *
   * @default - sum over 5 minutes
   */
  metricErrors(props?: MetricOptions): Metric {
    return this.function.metricErrors(props);
  }

  /**
   * Versions of the secret that became current.
   *
   * @default - sum over 5 minutes
   */
  metricRotationSucceeded(secret: ISecret, props?: MetricOptions): Metric {
    return this.metric('RotationSucceeded', secret, { statistic: 'Sum', ...props });
  }

  /**
   * Failures of one step; of a rotation started by hand (`rotate`); of the daily check (`check`); of a scheduled revocation
   * (`revoke`).
   *
   * @default - sum over 5 minutes
   */
  metricStepFailed(secret: ISecret, step: FailedStep, props?: MetricOptions): Metric {
    const options = { period: Duration.minutes(5), statistic: 'Sum', ...props };
    return stepFailedMetric(this.nameOf(secret), step, options);
  }

  /**
   * For how many seconds a new key will live.
   *
   * @default - minimum over 5 minutes
   */
  metricNewKeyLifetime(secret: ISecret, props?: MetricOptions): Metric {
    return this.metric('NewKeyLifetime', secret, { statistic: 'Minimum', ...props });
  }

  /**
   * New keys that expire before the next rotation is due.
   *
   * @default - sum over 5 minutes
   */
  metricNewKeyExpiresBeforeNextRotation(secret: ISecret, props?: MetricOptions): Metric {
    return this.metric('NewKeyExpiresBeforeNextRotation', secret, { statistic: 'Sum', ...props });
  }

  /**
   * Days since the last rotation, once a day, with fractions.
   *
   * @default - minimum over a day
   */
  metricDaysSinceLastRotation(secret: ISecret, props?: MetricOptions): Metric {
    return this.metric('DaysSinceLastRotation', secret, { statistic: 'Minimum', period: Duration.days(1), ...props });
  }

  /**
   * Days until the current key expires, once a day, with fractions.
   *
   * @default - maximum over a day
   */
  metricDaysUntilKeyExpires(secret: ISecret, props?: MetricOptions): Metric {
    return this.metric('DaysUntilKeyExpires', secret, { statistic: 'Maximum', period: Duration.days(1), ...props });
  }

  /**
   * Attempts to revoke superseded keys that failed. No rotation fails with them.
   *
   * @default - sum over 5 minutes
   */
  metricRevocationFailed(secret: ISecret, props?: MetricOptions): Metric {
    return this.metric('RevocationFailed', secret, { statistic: 'Sum', ...props });
  }

  /**
   * Superseded keys that should have been revoked by now and still work: once a day, and with `revokeOnSchedule` in each of
   * its runs, where only those count that were due three hours ago or longer.
   *
   * @default - maximum over a day
   */
  metricKeysAwaitingRevocation(secret: ISecret, props?: MetricOptions): Metric {
    return this.metric('KeysAwaitingRevocation', secret, { statistic: 'Maximum', period: Duration.days(1), ...props });
  }

  private metric(
    name: Exclude<MetricName, 'StepFailed'>,
    secret: ISecret,
    options: MetricOptions & { statistic: string },
  ): Metric {
    return secretMetric(name, this.nameOf(secret), { period: Duration.minutes(5), ...options });
  }

  private nameOf(secret: ISecret): string {
    const name = this.secretNames.get(secret);
    if (name === undefined)
      throw new ConfigurationError(`${secret.node.path} is not among the secrets that ${this.node.path} rotates.`);
    return name;
  }
}

function requireFewEnough(secrets: readonly RotatedSecret[]): void {
  const long = secrets.filter(({ name }) => Token.isUnresolved(name) || name.length > LONG_NAME);
  if (secrets.length + long.length > MOST_SECRETS) {
    throw new ConfigurationError(
      ({ property }) =>
        `${property('secrets')} has ${secrets.length}, ${long.length} of them with names that are longer than ${LONG_NAME} characters or not known at synthesis, which count twice. A stack has room for ${MOST_SECRETS}. Share them out over several stacks, each with a MomentoKeyRotation.`,
    );
  }
}

function requireNotice(notice: Duration): void {
  if (Token.isUnresolved(notice.toMilliseconds()) || notice.toHours({ integral: false }) < 1) {
    throw new ConfigurationError(
      ({ duration }) =>
        `expiryNotice is ${duration(notice)}. Write an hour or more, for example ${duration(Duration.days(4))}.`,
    );
  }
}

/** Or the alarm on its expiry rings before each rotation. */
function requireLifetime(lifetime: Duration, longestGap: Duration, notice: Duration): void {
  const days = longestGap.plus(notice).toDays({ integral: false });
  if (lifetime.toDays({ integral: false }) > days) return;
  throw new ConfigurationError(
    ({ duration }) =>
      `keyLifetime is ${duration(lifetime)}, and keys must live longer than the longest time between two rotations (${duration(longestGap)}) and expiryNotice (${duration(notice)}) together. Write ${duration(Duration.days(Math.floor(days) + 1))} or more, rotate more often, or shorten expiryNotice.`,
  );
}
