import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { explainFinding } from './nag.ts';
import { idOf } from './secrets.ts';
import type { Settings } from './settings.ts';

export interface MomentoSecretsStackProps extends StackProps {
  readonly settings: Settings;
  /** The `-c` options that attach rotation. */
  readonly options: readonly string[];
}

/**
 * Creates the secrets, empty. They stay when the stack goes, or lets go of them; only a deployment that fails takes away
 * again what it created, so that it can be repeated.
 *
 * They get no schedule here, since setting one up tests the key that is not there yet.
 */
export class MomentoSecretsStack extends Stack {
  constructor(scope: Construct, id: string, { settings, options, ...props }: MomentoSecretsStackProps) {
    super(scope, id, { description: 'Secrets for Momento API keys.', ...props });
    // Not in the stack itself, where a logical id is made of letters and digits alone: names may share those.
    const secrets = new Construct(this, 'Secrets');
    settings.secretNames.forEach((name, index) => {
      createSecret(secrets, name, settings.kmsKeyArn);
      new CfnOutput(this, `StoreKey${index + 1}`, {
        description: 'Stores the key that you downloaded from the Momento console.',
        value: `aws secretsmanager put-secret-value --secret-id ${name} --secret-string file://momento_token.info.json`,
      });
    });
    new CfnOutput(this, 'AttachRotation', {
      description: 'Rotation is not attached yet. Run this when each secret holds a key.',
      value: ['npx cdk deploy', ...options].join(' '),
    });
  }
}

/**
 * The L2 construct would have a password generated, which is no Momento key. With neither a value nor a generator a secret
 * has no version at all (CloudFormation, `AWS::SecretsManager::Secret`), and what is put into it later is left alone.
 */
function createSecret(scope: Construct, name: string, kmsKeyArn: string | undefined): void {
  const secret = new CfnSecret(scope, idOf(name), {
    name,
    description: 'A Momento API key, rotated.',
    ...(kmsKeyArn === undefined ? {} : { kmsKeyId: kmsKeyArn }),
  });
  // Deleting it would delete the key that applications use.
  secret.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  explainFinding(
    secret,
    'AwsSolutions-SMG4',
    [],
    'Rotation is attached by another stack, once the secret holds a key: there is nothing to rotate before.',
  );
}
