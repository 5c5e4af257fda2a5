/** The construct for other CDK apps. */
export type { FailedStep } from './metrics.ts';
export { MomentoKeyRotation, type MomentoKeyRotationProps } from './momento-key-rotation.ts';
