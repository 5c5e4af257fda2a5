import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SecretSource } from './source.ts';

/**
 * Reads the secret with the AWS SDK: `GetSecretValue`, once for each read.
 *
 * AWS Lambda Powertools' `getSecret` would put a cache before the same call, and none that fits: its values have one fixed
 * age after which the next caller waits, as many callers as come then make as many calls, a failed call throws although
 * the last value is still there, and the version's id is lost (`BaseProvider`, `ExpirableValue` and `SecretsProvider` of
 * `@aws-lambda-powertools/parameters` 2.35). With that cache bypassed, what it adds is the call itself.
 *
 * @param client when not given, one is made on first use, from the environment. The SDK is loaded only then.
 * @returns with `close`, which lets go of the connections of the client that was made here
 */
export function secretsManager(client?: SecretsManagerClient): SecretSource & { close(): void } {
  let own: SecretsManagerClient | undefined;
  return {
    async read({ secretId, signal }) {
      const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
      const sender = client ?? own ?? new SecretsManagerClient({});
      if (sender !== client) own = sender;
      const command = new GetSecretValueCommand({ SecretId: secretId });
      const { SecretString, VersionId } = await sender.send(command, { abortSignal: signal });
      return { secretString: SecretString, versionId: VersionId };
    },
    close() {
      own?.destroy();
    },
  };
}
