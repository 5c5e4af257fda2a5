/** A local EventBridge Scheduler: over HTTP with {@link startScheduler}, in this process with {@link createSchedulerService}. */
export type { SchedulerEvent } from './events.ts';
export { type LocalScheduler, type LocalSchedulerOptions, startScheduler } from './server.ts';
export { createSchedulerService, type SchedulerService, type SchedulerServiceOptions } from './service.ts';
