/** "At 1,769 MB, a function has the equivalent of one vCPU" (Lambda developer guide, "Configure Lambda function memory"). */
const MB_OF_ONE_PROCESSOR = 1769;

/** Of a processor that a function with so much memory has when it is initialised; more than one is of no use to it. */
export const shareAt = (memoryMb: number) => Math.min(1, memoryMb / MB_OF_ONE_PROCESSOR);
