/**
 * Loads the bundle that it is given, as the runtime does when a sandbox is initialised, and prints what that ran: the modules that
 * were required, and how often each function was called, as JSON.
 */
import { type Profiler, Session } from 'node:inspector';
import Module from 'node:module';
import { pathToFileURL } from 'node:url';

const [, , bundle = ''] = process.argv;
const { href } = pathToFileURL(bundle);
const required = new Set<string>();
const loader = Module as unknown as { _load(request: string, ...others: unknown[]): unknown };
const load = loader._load;
loader._load = (request, ...others) => {
  required.add(request.replace(/^node:/, ''));
  return load(request, ...others);
};

const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
await import(href);
session.post('Profiler.takePreciseCoverage', (error, coverage) => {
  if (error) throw error;
  const functions = coverage.result.find(({ url }) => url === href)?.functions ?? [];
  process.stdout.write(JSON.stringify({ required: [...required], functions } satisfies InitReport));
});

export interface InitReport {
  /** By name, without `node:`. */
  required: string[];
  functions: Profiler.FunctionCoverage[];
}
