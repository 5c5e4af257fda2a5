import { App } from 'aws-cdk-lib';
import { createStack } from './create-stack.ts';

createStack(new App(), process.env);
