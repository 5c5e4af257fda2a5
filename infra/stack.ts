import { Annotations, ArnFormat, CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { CfnSecret, type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { MomentoKeyRotation } from './momento-key-rotation.ts';
import { explainFinding } from './nag.ts';
import { readSettings, type Settings } from './settings.ts';

export interface MomentoKeyRotationStackProps extends StackProps {
  /** With the predecessor's variables, if there are any. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Rotates the keys in some secrets, by context values (`Settings`).
 *
 * Secrets that it creates are empty, and stay when the stack goes. They get no schedule until they hold keys, since setting
 * one up tests the key: a first deployment creates them, a second one attaches rotation.
 */
export class MomentoKeyRotationStack extends Stack {
  constructor(scope: Construct, id: string, props: MomentoKeyRotationStackProps) {
    super(scope, id, { description: 'Rotates Momento API keys in Secrets Manager.', ...props });
    const { settings, notes, options } = readSettings(this.node, props.environment);
    for (const note of notes) Annotations.of(this).addInfo(note);

    const created = settings.createSecrets ? settings.secretNames.map((name) => this.createSecret(name, settings)) : [];
    if (settings.createSecrets && !settings.secretsHoldKeys) {
      this.sayWhatIsLeft(settings, options);
      return;
    }

    const alarmTopic = settings.alarmEmail === undefined ? undefined : this.createTopic(settings.alarmEmail);
    const rotation = new MomentoKeyRotation(this, 'Rotation', {
      // By name, also those that the stack creates: so whether it does can change without a new schedule, whose predecessor
      // would turn rotation off when it goes.
      secrets: settings.secretNames.map((name) => this.importSecret(name, settings)),
      rotateEvery: settings.rotateEvery,
      dashboard: settings.dashboard,
      ...(settings.pingCache === undefined ? {} : { pingCache: settings.pingCache }),
      ...(alarmTopic === undefined ? {} : { alarmTopic }),
    });
    rotation.node.addDependency(...created);
    new CfnOutput(this, 'FunctionName', { value: rotation.function.functionName });
    new CfnOutput(this, 'LogGroupName', { value: rotation.logGroup.logGroupName });
    new CfnOutput(this, 'RotateNow', {
      description: 'Rotates a key, as the console\'s "Rotate secret immediately" does.',
      value: `aws secretsmanager rotate-secret --secret-id ${settings.secretNames[0]}`,
    });
    if (rotation.dashboard !== undefined) {
      new CfnOutput(this, 'DashboardName', { value: rotation.dashboard.dashboardName });
    }
  }

  private importSecret(name: string, { kmsKeyArn }: Settings): ISecret {
    const id = `Imported-${name}`;
    if (kmsKeyArn === undefined) return Secret.fromSecretNameV2(this, id, name);
    return Secret.fromSecretAttributes(this, id, {
      secretPartialArn: this.formatArn({
        service: 'secretsmanager',
        resource: 'secret',
        resourceName: name,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
      encryptionKey: Key.fromKeyArn(this, `Key-${name}`, kmsKeyArn),
    });
  }

  /**
   * The L2 construct would have a password generated, which is no Momento key. With neither a value nor a generator a secret
   * has no version at all (CloudFormation, `AWS::SecretsManager::Secret`), and what is put into it later is left alone.
   */
  private createSecret(name: string, { kmsKeyArn }: Settings): CfnSecret {
    const secret = new CfnSecret(this, `Secret-${name}`, {
      name,
      description: 'A Momento API key, rotated.',
      ...(kmsKeyArn === undefined ? {} : { kmsKeyId: kmsKeyArn }),
    });
    // Deleting it would delete the key that applications use.
    secret.applyRemovalPolicy(RemovalPolicy.RETAIN);
    explainFinding(
      secret,
      'AwsSolutions-SMG4',
      [],
      'Rotation is attached by name, which cdk-nag does not see, once the secret holds a key: there is nothing to rotate before.',
    );
    return secret;
  }

  private sayWhatIsLeft(settings: Settings, options: readonly string[]): void {
    settings.secretNames.forEach((name, index) => {
      new CfnOutput(this, `StoreKey${index + 1}`, {
        description: 'Stores the key that you downloaded from the Momento console.',
        value: `aws secretsmanager put-secret-value --secret-id ${name} --secret-string file://momento_token.info.json`,
      });
    });
    new CfnOutput(this, 'AttachRotation', {
      description: 'Rotation is not attached yet. Run this when each secret holds a key.',
      value: [
        'npx cdk deploy',
        ...options.filter((option) => !option.includes('secretsHoldKeys')),
        '-c secretsHoldKeys=true',
      ].join(' '),
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
