/**
 * A broker with receivers in its own process, who subscribe to what T1 publishes: `node crowd-server.js
 * PORT COUNT`. It listens when all of them are there.
 */
import { createBroker } from "beeline-mqtt";

const TOPIC = "attack/t1";
const AT_ONCE = 1_000;

const [port, count] = process.argv.slice(2).map(Number) as [number, number];
const broker = createBroker();
for (let from = 0; from < count; from += AT_ONCE) {
  const size = Math.min(AT_ONCE, count - from);
  await Promise.all(Array.from({ length: size }, (_, at) => join(`crowd-${from + at}`)));
}
await broker.listen({ host: "127.0.0.1", port });

async function join(clientId: string): Promise<void> {
  const client = await broker.connectInProcess({ clientId });
  await client.subscribe([{ topicFilter: TOPIC, requestedQos: 0 }]);
}

process.once("SIGTERM", async () => {
  await broker.close();
  process.exit(0);
});
