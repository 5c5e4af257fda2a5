import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { within } from './within.ts';

/** What is asked of a service. */
export interface Request {
  method: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/** What it answers. */
export interface Answer {
  status: number;
  /** Undefined where the status tells of no success: such a body is not read. */
  body: string | undefined;
}

/** What a body may hold. A page of the most keys, each with the longest description, has a tenth of it. */
const MOST_BYTES = 2 ** 20;

/**
 * One request and its whole answer. It follows no redirection, and takes nothing that is packed: what that becomes is not
 * known before it is there. `fetch` would do neither, and loses its deadline on Node.js 20 when the head of the answer is
 * there and garbage is collected.
 *
 * @returns undefined when it is not there after `timeoutMs` milliseconds
 * @throws Node.js's own error when there is none, or an error with code `RESPONSE_TOO_LARGE` where its body has more than 1 MiB
 */
export async function exchange(
  url: string,
  { method, headers, body }: Request,
  timeoutMs: number,
): Promise<Answer | undefined> {
  const open = url.startsWith('https:') ? overHttps : overHttp;
  const request = open(url, { method, headers: { ...headers, 'Accept-Encoding': 'identity' } });
  // Also errors that come behind the answer, and would end the process.
  request.on('error', () => {});
  try {
    return await within(timeoutMs, answerTo(request.end(body)));
  } finally {
    // Whatever has not arrived by now. A connection whose answer is complete is kept.
    request.destroy();
  }
}

async function answerTo(request: ClientRequest): Promise<Answer> {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const status = response.statusCode as number;
  return { status, body: status < 300 ? await readText(response) : undefined };
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > MOST_BYTES) throw Object.assign(new Error(), { code: 'RESPONSE_TOO_LARGE' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
