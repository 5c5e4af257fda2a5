/** The construct for other CDK apps. */
export type { FailedStep } from './metrics.ts';
export { MomentoKeyRotation, type MomentoKeyRotationProps } from './momento-key-rotation.ts';
export type { V2KeyRole, V2KeysProps } from './v2-keys.ts';
