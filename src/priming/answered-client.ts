import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { Duplex } from 'node:stream';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** What a service answers to a request: a status and JSON. */
export type AnswerTo = (action: string, request: Partial<Record<string, string>>) => { status: number; body: object };

/**
 * A client of Secrets Manager whose requests are signed, written and read as any others, and end at a stream in place of a connection,
 * whatever endpoint is configured.
 */
export function answeredClient(answerTo: AnswerTo): SecretsManagerClient {
  const createConnection = () => answeringStream(answerTo);
  return new SecretsManagerClient({
    maxAttempts: 1,
    region: 'us-east-1',
    credentials: { accessKeyId: 'unreal', secretAccessKey: 'unreal', sessionToken: 'unreal' },
    requestHandler: {
      httpAgent: Object.assign(new Agent(), { createConnection }),
      httpsAgent: Object.assign(new SecureAgent(), { createConnection }),
    },
  });
}

/** Answers one request, over HTTP/1.1 and AWS JSON 1.1, as soon as it is there. */
function answeringStream(answerTo: AnswerTo): Duplex {
  let received = '';
  return new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      received += chunk.toString();
      const [head = '', body = ''] = received.split('\r\n\r\n');
      if (body.length > 0 && body.length === Number(/^content-length: (\d+)/im.exec(head)?.[1])) {
        const action = head.replace(/^.*\nx-amz-target: secretsmanager\.(\w+).*$/is, '$1');
        this.push(encode(answerTo(action, JSON.parse(body))));
      }
      done();
    },
  });
}

function encode({ status, body }: ReturnType<AnswerTo>): string {
  const text = JSON.stringify(body);
  const headers = `content-type: application/x-amz-json-1.1\r\ncontent-length: ${text.length}`;
  return `HTTP/1.1 ${status} \r\n${headers}\r\n\r\n${text}`;
}
