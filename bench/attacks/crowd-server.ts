/**
 * A broker with receivers in its own process, who subscribe to what T1 publishes: `node crowd-server.js
 * PORT COUNT`. It listens when all of them are there.
 */
import { createBroker } from "beeline-mqtt";

const TOPIC = "attack/t1";

const [port, count] = process.argv.slice(2).map(Number) as [number, number];
const broker = createBroker();
for (let at = 0; at < count; at += 1) {
  const client = await broker.connectInProcess({ clientId: `crowd-${at}` });
  await client.subscribe([{ topicFilter: TOPIC, requestedQos: 0 }]);
}
await broker.listen({ host: "127.0.0.1", port });

process.once("SIGTERM", async () => {
  await broker.close();
  process.exit(0);
});
