import { ArnFormat, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { MomentoKeyRotation } from './momento-key-rotation.ts';
import { idOf } from './secrets.ts';
import type { Settings, V2KeySettings } from './settings.ts';
import type { V2KeysProps } from './v2-keys.ts';

export interface MomentoKeyRotationStackProps extends StackProps {
  readonly settings: Settings;
}

/** Rotates the keys in some secrets, which exist and hold them. */
export class MomentoKeyRotationStack extends Stack {
  constructor(scope: Construct, id: string, { settings, ...props }: MomentoKeyRotationStackProps) {
    super(scope, id, { description: 'Rotates Momento API keys in Secrets Manager.', ...props });
    const alarmTopic = settings.alarmEmail === undefined ? undefined : this.createTopic(settings.alarmEmail);
    const secrets = new Map(settings.secretNames.map((name) => [name, this.importSecret(name, settings)]));
    const rotation = new MomentoKeyRotation(this, 'Rotation', {
      secrets: [...secrets.values()],
      dashboard: settings.dashboard,
      ...(settings.rotateEvery === undefined ? {} : { rotateEvery: settings.rotateEvery }),
      ...(settings.logKmsKeyArn === undefined
        ? {}
        : { logEncryptionKey: Key.fromKeyArn(this, 'LogKey', settings.logKmsKeyArn) }),
      ...(settings.expiryNotice === undefined ? {} : { expiryNotice: settings.expiryNotice }),
      ...(settings.pingCache === undefined ? {} : { pingCache: settings.pingCache }),
      ...(settings.hosts === undefined ? {} : { hosts: settings.hosts }),
      ...(alarmTopic === undefined ? {} : { alarmTopic }),
      ...(settings.v2Keys === undefined ? {} : { v2Keys: this.v2Keys(settings.v2Keys, settings, secrets) }),
    });
    new CfnOutput(this, 'FunctionName', { value: rotation.function.functionName });
    new CfnOutput(this, 'LogGroupName', { value: rotation.logGroup.logGroupName });
    new CfnOutput(this, 'RotateNow', {
      description: 'Rotates as the console\'s "Rotate secret immediately" does.',
      value: rotateNow(settings.secretNames),
    });
    if (rotation.dashboard !== undefined) {
      new CfnOutput(this, 'DashboardName', { value: rotation.dashboard.dashboardName });
    }
  }

  /** @param secrets those that are rotated, by name: admin secrets may be among them */
  private v2Keys(
    { adminSecretNames, roleId, roles, revokeFirstKey, keyLifetime, overlap, revokeOnSchedule }: V2KeySettings,
    settings: Settings,
    secrets: ReadonlyMap<string, ISecret>,
  ): V2KeysProps {
    const secretOf = (name: string) => secrets.get(name) ?? this.importSecret(name, settings);
    const [adminSecret, ...additionalAdminSecrets] = adminSecretNames.map(secretOf);
    return {
      revokeOnSchedule,
      ...(adminSecret !== undefined && { adminSecret, additionalAdminSecrets }),
      ...(roleId !== undefined && { roleId }),
      roles: [...roles].map(([name, role]) => ({ secret: secretOf(name), roleId: role })),
      revokeFirstKey: revokeFirstKey.map(secretOf),
      ...(keyLifetime !== undefined && { keyLifetime }),
      ...(overlap !== undefined && { overlap }),
    };
  }

  private importSecret(name: string, { kmsKeyArn }: Settings): ISecret {
    const id = `Imported-${idOf(name)}`;
    if (kmsKeyArn === undefined) return Secret.fromSecretNameV2(this, id, name);
    return Secret.fromSecretAttributes(this, id, {
      secretPartialArn: this.formatArn({
        service: 'secretsmanager',
        resource: 'secret',
        resourceName: name,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
      encryptionKey: Key.fromKeyArn(this, `Key-${idOf(name)}`, kmsKeyArn),
    });
  }

  private createTopic(email: string): Topic {
    const topic = new Topic(this, 'Alarms', { displayName: 'Momento key rotation', enforceSSL: true });
    topic.addSubscription(new EmailSubscription(email));
    // A policy of its own replaces the one that a topic has by default, which lets CloudWatch publish.
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Alarms',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    return topic;
  }
}

/** For a shell, in which no name of a secret needs quotes. */
function rotateNow(secretNames: readonly string[]): string {
  const [only = '', ...others] = secretNames;
  const rotate = (secretId: string) => `aws secretsmanager rotate-secret --secret-id ${secretId}`;
  return others.length === 0 ? rotate(only) : `for secret in ${secretNames.join(' ')}; do ${rotate('$secret')}; done`;
}
