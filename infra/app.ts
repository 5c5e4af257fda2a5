import { App } from 'aws-cdk-lib';
import { MomentoKeyRotationStack } from './stack.ts';

const app = new App();
new MomentoKeyRotationStack(app, 'MomentoKeyRotation', { environment: process.env });
