import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Services, startServices } from './services.ts';

/**
 * The services in a process of their own, so that the application has a processor, and a heap, to itself. This file is
 * that process, too.
 */
interface Request {
  id: number;
  method: keyof Services;
  args: unknown[];
}

interface Answer {
  id: number;
  value?: unknown;
  error?: string;
}

export async function startServicesProcess(): Promise<Services> {
  const child = fork(fileURLToPath(import.meta.url), { execArgv: ['--import', 'tsx'] });
  const waiting = new Map<number, (answer: Answer) => void>();
  child.on('message', (answer: Answer) => waiting.get(answer.id)?.(answer));
  child.once('exit', (code) => {
    for (const [id, answer] of waiting) answer({ id, error: `The services ended with code ${code}.` });
  });
  await once(child, 'message');
  let id = 0;
  const call = async (method: keyof Services, args: unknown[]): Promise<unknown> => {
    id += 1;
    const request: Request = { id, method, args };
    const answered = new Promise<Answer>((resolve) => waiting.set(request.id, resolve));
    child.send(request);
    const { value, error } = await answered;
    waiting.delete(request.id);
    if (error !== undefined) throw new Error(error);
    return value;
  };
  const services = new Proxy({} as Services, {
    get:
      (_, method) =>
      (...args: unknown[]) =>
        call(method as keyof Services, args),
  });
  return Object.assign(Object.create(services), {
    async close() {
      await call('close', []);
      child.disconnect();
      await once(child, 'exit');
    },
    // biome-ignore lint/suspicious/noThenProperty: a proxy answers to every name, and a promise would ask for this one.
    then: undefined,
  });
}

async function serve(): Promise<void> {
  const services = await startServices();
  process.on('message', ({ id, method, args }: Request) => {
    const perform = services[method] as (...args: unknown[]) => Promise<unknown>;
    perform(...args).then(
      (value) => process.send?.({ id, value }),
      (error: Error) => process.send?.({ id, error: error.message }),
    );
  });
  process.once('disconnect', () => process.exit());
  process.send?.({ id: 0 });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await serve();
