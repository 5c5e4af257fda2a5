/** "At 1,769 MB, a function has the equivalent of one vCPU" (Lambda developer guide, "Configure Lambda function memory"). */
export const WHOLE_PROCESSOR_MB = 1769;
