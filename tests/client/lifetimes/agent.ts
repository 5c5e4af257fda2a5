import { momentoCredential, SecretUnavailableError, secretsManagerAgent } from '../../../src/client/index.ts';

/** Reads the secret from an agent on a port that nothing listens on. */
const credential = momentoCredential('momento/authentication-token', { source: secretsManagerAgent({ port: 1 }) });

try {
  await credential.current();
} catch (error) {
  process.stdout.write(`caught ${error instanceof SecretUnavailableError && error.message}\n`);
  process.exitCode = 3;
}
