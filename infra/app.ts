import { App } from 'aws-cdk-lib';
import { ConfigurationError } from './configuration-error.ts';
import { createStack } from './create-stack.ts';

try {
  createStack(new App(), process.env);
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`${error.message}\n`);
  // At once: what is there of the app is not to be deployed.
  process.exit(1);
}
