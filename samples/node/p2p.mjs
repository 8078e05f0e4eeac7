// Sends a message point-to-point to itself and receives it without a subscription.
import { createHmac } from "node:crypto";
import { on } from "node:events";
import mqtt from "mqtt";

const TIMEOUT_MS = 10_000;
/** Names this message in its receipt: up to 64 of A-Z a-z 0-9 - _ */
const TOKEN = "hello-1";
const {
  MQTT_HOST = "127.0.0.1",
  MQTT_PORT = "1883",
  MQTT_PARENT = "demo",
  MQTT_CLIENT_ID = "GID_demo@@@node",
  MQTT_ACCESS_KEY,
  MQTT_SECRET = "",
  MQTT_INSTANCE_ID = "",
  MQTT_RECEIPTS = "",
} = process.env;

/** The password that goes with the client identifier, for a server with signature credentials. */
function signature(secret, clientId) {
  return createHmac("sha1", secret).update(clientId).digest("base64");
}

/** The next message of a topic. */
async function messageOf(client, wanted) {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  for await (const [topic, payload] of on(client, "message", { signal })) {
    if (topic === wanted) return `${topic}: ${payload}`;
  }
}

try {
  const client = await mqtt.connectAsync(
    `mqtt://${MQTT_HOST}:${MQTT_PORT}`,
    {
      clientId: MQTT_CLIENT_ID,
      ...(MQTT_ACCESS_KEY !== undefined && {
        username: `Signature|${MQTT_ACCESS_KEY}|${MQTT_INSTANCE_ID}`,
        password: signature(MQTT_SECRET, MQTT_CLIENT_ID),
      }),
    },
    false, // do not try again: say what is wrong
  );
  const address = `${MQTT_PARENT}/p2p/${MQTT_CLIENT_ID}`;
  const waits = [messageOf(client, address)];
  let topic = address;
  if (MQTT_RECEIPTS !== "") {
    // Behind the address a token: the sender is told what became of the message, by that name.
    topic = `${address}/${TOKEN}`;
    waits.unshift(messageOf(client, `${MQTT_PARENT}/p2p-receipt/${MQTT_CLIENT_ID}/${TOKEN}`));
  }
  const received = Promise.all(waits);
  await client.publishAsync(topic, "hello from Node", { qos: 1 });
  for (const line of await received) console.log(line);
  await client.endAsync();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
