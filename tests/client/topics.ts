import { pubsub } from '@gomomento/generated-types';
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';

const { UnimplementedPubsubService, _Discontinuity, _Heartbeat, _SubscriptionItem, _TopicItem, _TopicValue } =
  pubsub.cache_client.pubsub;

type Stream = ServerWritableStream<
  InstanceType<typeof pubsub.cache_client.pubsub._SubscriptionRequest>,
  InstanceType<typeof _SubscriptionItem>
>;

type PublishCall = ServerUnaryCall<InstanceType<typeof pubsub.cache_client.pubsub._PublishRequest>, unknown>;

/** One topic of Momento, over its own gRPC: subscriptions get a heartbeat first, and then what is published. */
export interface Topics {
  /** The value of a secret with a key of that name, which is good from now on. */
  secretWith(key: string): string;
  /** The names of the keys with which there are subscriptions, in order. */
  subscribers(): string[];
  publish(value: string): void;
  /** The names of the keys with which the SDK published, in order. */
  publishers: string[];
  /** How many subscriptions there were with that key. */
  begun(key: string): number;
  /** Subscriptions with that key are ended so as soon as they were let in, until this is called again without a code. */
  endAtOnce(key: string, code?: status): void;
  /** Subscriptions with that key wait from now on, until they are let in. */
  admitLater(key: string): { waiting(): number; admit(): void };
  /** Sends what the SDK does not know. */
  publishNonsense(): void;
  /** What is published from now on does not reach the subscriptions with that key, until it is released. */
  hold(key: string): { release(): void };
  /** The key is refused from now on, and subscriptions with it are ended. */
  revoke(key: string): void;
  /** The next subscription with that key is refused so. */
  failNext(key: string, code: status): void;
  /** Ends the subscriptions with that key so. */
  end(key: string, code: status): void;
  /** Counts anew, as after items were lost. */
  startOver(): void;
}

export async function startTopics(): Promise<Topics> {
  const server = new Server();
  const streams: { key: string; stream: Stream }[] = [];
  const good = new Set<string>();
  const held = new Map<string, (() => void)[]>();
  const failures = new Map<string, status>();
  const endings = new Map<string, status>();
  const waitingRoom = new Map<string, Stream[]>();
  const begun: string[] = [];
  const publishers: string[] = [];
  let sequence = 0;
  let page = 1;

  const fail = (stream: Stream, code: status) => stream.emit('error', { code, details: status[code] });
  const leave = (stream: Stream) => {
    const at = streams.findIndex((each) => each.stream === stream);
    if (at >= 0) streams.splice(at, 1);
  };
  server.addService(UnimplementedPubsubService.definition, {
    Publish({ request, metadata }: PublishCall, callback: sendUnaryData<unknown>) {
      const key = String(metadata.get('authorization')[0]);
      if (!good.has(key)) return callback({ code: status.UNAUTHENTICATED });
      publishers.push(key);
      publish(request.value.text);
      // As empty as `_Empty`, which is not exported.
      callback(null, new _Heartbeat());
    },
    Subscribe(stream: Stream) {
      const key = String(stream.metadata.get('authorization')[0]);
      const failure = failures.get(key) ?? (good.has(key) ? undefined : status.UNAUTHENTICATED);
      failures.delete(key);
      if (failure !== undefined) {
        fail(stream, failure);
        return;
      }
      const waiting = waitingRoom.get(key);
      if (waiting) waiting.push(stream);
      else admit(key, stream);
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  onTestFinished(() => server.forceShutdown());

  const end = (key: string, code: status) => {
    for (const each of streams.filter((stream) => stream.key === key)) {
      leave(each.stream);
      fail(each.stream, code);
    }
  };
  const admit = (key: string, stream: Stream) => {
    streams.push({ key, stream });
    begun.push(key);
    stream.on('cancelled', () => leave(stream));
    stream.write(new _SubscriptionItem({ heartbeat: new _Heartbeat() }));
    const ending = endings.get(key);
    if (ending !== undefined) setTimeout(() => end(key, ending), 5);
  };
  const sendToAll = (item: InstanceType<typeof _SubscriptionItem>) => {
    for (const { key, stream } of streams) {
      const send = () => void stream.write(item);
      const waiting = held.get(key);
      if (waiting) waiting.push(send);
      else send();
    }
  };
  const publish = (text: string) => {
    sequence += 1;
    const value = new _TopicValue({ text });
    const item = new _TopicItem({ topic_sequence_number: sequence, sequence_page: page, value });
    sendToAll(new _SubscriptionItem({ item }));
  };
  return {
    secretWith(key) {
      good.add(key);
      const apiKey = Buffer.from(JSON.stringify({ endpoint: `127.0.0.1:${port}`, api_key: key })).toString('base64');
      return JSON.stringify({ apiKey });
    },
    subscribers: () => streams.map(({ key }) => key),
    publish,
    publishers,
    begun: (key) => begun.filter((each) => each === key).length,
    endAtOnce(key, code) {
      if (code === undefined) endings.delete(key);
      else endings.set(key, code);
    },
    admitLater(key) {
      const waiting: Stream[] = [];
      waitingRoom.set(key, waiting);
      return {
        waiting: () => waiting.length,
        admit() {
          waitingRoom.delete(key);
          for (const stream of waiting) admit(key, stream);
        },
      };
    },
    publishNonsense: () => sendToAll(new _SubscriptionItem()),
    hold(key) {
      const waiting: (() => void)[] = [];
      held.set(key, waiting);
      return {
        release() {
          held.delete(key);
          for (const send of waiting) send();
        },
      };
    },
    revoke(key) {
      good.delete(key);
      end(key, status.UNAUTHENTICATED);
    },
    failNext: (key, code) => void failures.set(key, code),
    end,
    startOver() {
      const discontinuity = new _Discontinuity({
        last_topic_sequence: sequence,
        new_topic_sequence: 0,
        new_sequence_page: page + 1,
      });
      sequence = 0;
      page += 1;
      sendToAll(new _SubscriptionItem({ discontinuity }));
    },
  };
}
