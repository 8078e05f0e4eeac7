import { connect, connectAsync } from "mqtt";
import { createBroker, type MqttBroker } from "../../src/index.js";
import { openReplicatedStore } from "../../src/nats/replicated-store.js";
import type { NatsServers } from "../support/nats-servers.js";

/** One broker over a replicated store, and what its store has said. */
export class ReplicatedNode implements AsyncDisposable {
  readonly broker: MqttBroker;
  readonly fenced: Promise<Error>;
  readonly #url: string;

  private constructor(broker: MqttBroker, fenced: Promise<Error>, url: string) {
    this.broker = broker;
    this.fenced = fenced;
    this.#url = url;
  }

  static async on(servers: NatsServers, name: string, path: string): Promise<ReplicatedNode> {
    let onFenced: (reason: Error) => void = () => undefined;
    const fenced = new Promise<Error>((resolve) => {
      onFenced = resolve;
    });
    const replica = { name, servers: servers.urls };
    const store = await openReplicatedStore({ path, replica, onFenced });
    const broker = createBroker({ store });
    const { port } = (await broker.listen({ port: 0, host: "127.0.0.1" })) as { port: number };
    return new ReplicatedNode(broker, fenced, `mqtt://127.0.0.1:${port}`);
  }

  /** A client with a Session that stays. */
  client(clientId: string): ReturnType<typeof connectAsync> {
    return connectAsync(this.#url, { clientId, clean: false, reconnectPeriod: 0 });
  }

  async publish(topic: string, texts: readonly string[], retain = false): Promise<void> {
    const sender = await connectAsync(this.#url, { reconnectPeriod: 0 });
    await Promise.all(texts.map((text) => sender.publishAsync(topic, text, { qos: 1, retain })));
    await sender.endAsync();
  }

  /** What waits for a client, in order. */
  async received(clientId: string, count: number): Promise<string[]> {
    const texts: string[] = [];
    const client = connect(this.#url, { clientId, clean: false, reconnectPeriod: 0 });
    client.on("message", (_, payload) => void texts.push(String(payload)));
    const end = performance.now() + 20_000;
    while (texts.length < count && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await client.endAsync();
    return texts;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.broker.close();
  }
}
