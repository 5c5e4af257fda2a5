import type { ColdStart } from './cold.ts';
import type { Stretch } from './sandbox.ts';
import { shareAt } from './share.ts';
import { sum } from './statistics.ts';

/** Settings worth a look, in MB. */
export const MEMORY_SETTINGS_MB = [128, 192, 256, 512, 1024, 1769];

export type Architecture = keyof typeof DOLLARS_PER_GB_SECOND;

/** AWS Lambda pricing, us-east-1, first tier. */
const DOLLARS_PER_GB_SECOND = { arm64: 0.0000133334, x86_64: 0.0000166667 };
const DOLLARS_PER_REQUEST = 0.2 / 1_000_000;

/**
 * What Lambda bills for a cold start and its rotation, in milliseconds for each invocation, if it took as long as was measured. Billed is
 * the duration, rounded up to 1 ms, for the first invocation together with init (AWS Compute Blog, "AWS Lambda standardizes billing for
 * INIT Phase").
 */
export function billedMs({ init, steps }: ColdStart): number[] {
  const [first = 0, ...others] = Object.values(steps).map(({ wallMs }) => wallMs);
  return [init.wallMs + first, ...others].map(Math.ceil);
}

/**
 * The same, estimated from a cold start that was not confined: init has one whole processor of this machine's speed; a step has a share of
 * one in proportion to the memory, so that its processor time takes that much longer, and its waiting as long as here.
 */
export function estimateBilledMs({ init, steps }: ColdStart, memoryMb: number): number[] {
  const share = shareAt(memoryMb);
  const [first = 0, ...others] = Object.values(steps).map((step) => waitingMs(step) + step.processorMs / share);
  const initMs = waitingMs(init) + init.processorMs;
  return [initMs + first, ...others].map(Math.ceil);
}

/** Dollars for a rotation with these invocations. */
export function price(billed: readonly number[], memoryMb: number, architecture: Architecture): number {
  const seconds = sum(billed) / 1000;
  const compute = seconds * (memoryMb / 1024) * DOLLARS_PER_GB_SECOND[architecture];
  return compute + billed.length * DOLLARS_PER_REQUEST;
}

/** What a stretch takes on a processor of its own beyond the use of it. */
function waitingMs({ wallMs, processorMs, queuedMs }: Stretch): number {
  return Math.max(0, wallMs - queuedMs - processorMs);
}
