/** Where work tells what is worth knowing although it was done. */
export interface Report {
  warn(message: string): void;
  /** @param metric one of those in `src/metrics.ts`, which have a test */
  measure(metric: string, value: number): void;
}
