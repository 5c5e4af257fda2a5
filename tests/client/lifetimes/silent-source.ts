import { momentoCredential, SecretUnavailableError } from '../../../src/client/index.ts';

/** Reads the secret from a source that never answers, and holds nothing that keeps a process alive. */
const credential = momentoCredential('momento/authentication-token', {
  source: { read: () => new Promise(() => {}) },
  timeoutMs: 300,
});

try {
  await credential.current();
} catch (error) {
  process.stdout.write(`caught ${error instanceof SecretUnavailableError && error.message}\n`);
  process.exitCode = 3;
}
