import { WHOLE_PROCESSOR_MB } from '../../src/priming/whole-processor.ts';

/** Of a processor that a function with so much memory has when it is initialised; more than one is of no use to it. */
export const shareAt = (memoryMb: number) => Math.min(1, memoryMb / WHOLE_PROCESSOR_MB);
