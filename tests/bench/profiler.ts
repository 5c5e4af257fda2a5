/**
 * Runs in the sandbox, before anything else: samples what its main thread does, and hands that over whenever it is asked to, over
 * IPC, to begin anew.
 */
import { type Profiler, Session } from 'node:inspector';

const INTERVAL_MICROSECONDS = 100;

const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.setSamplingInterval', { interval: INTERVAL_MICROSECONDS });
session.post('Profiler.start');

process.on('message', () => {
  session.post('Profiler.stop', (error, result) => {
    process.send?.(error ? { error: error.message } : result);
    session.post('Profiler.start');
  });
});
// What it listens for must not keep the process alive.
process.channel?.unref();

export type ProfilerAnswer = { profile: Profiler.Profile } | { error: string };
