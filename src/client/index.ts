/** The current Momento API key of a secret in AWS Secrets Manager, and clients of the Momento SDK that follow it. */
export { type AuthClientOptions, authClient } from './auth-client.ts';
export { type CacheClientOptions, cacheClient } from './cache-client.ts';
export type { Logger, MomentoEvent, ReportOptions } from './client-events.ts';
export { type Follower, follow } from './follow.ts';
export { type CredentialOptions, type MomentoCredential, momentoCredential } from './momento-credential.ts';
export { type SecretsManagerAgentOptions, secretsManagerAgent } from './secrets-manager-agent.ts';
export { secretsManager } from './secrets-manager-source.ts';
export { type SecretRequest, type SecretSource, SecretUnavailableError, type SecretVersion } from './source.ts';
export { type TopicClientOptions, topicClient } from './topic-client.ts';
export { WaitEnded, type WaitOptions } from './wait.ts';
