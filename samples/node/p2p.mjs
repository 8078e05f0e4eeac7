// Sends a message point-to-point to itself and receives it without a subscription.
import { createHmac } from "node:crypto";
import { once } from "node:events";
import mqtt from "mqtt";

const TIMEOUT_MS = 10_000;
const {
  MQTT_HOST = "127.0.0.1",
  MQTT_PORT = "1883",
  MQTT_PARENT = "demo",
  MQTT_CLIENT_ID = "GID_demo@@@node",
  MQTT_ACCESS_KEY,
  MQTT_SECRET = "",
  MQTT_INSTANCE_ID = "",
} = process.env;

/** The password that goes with the client identifier, for a server with signature credentials. */
function signature(secret, clientId) {
  return createHmac("sha1", secret).update(clientId).digest("base64");
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
  const received = once(client, "message", { signal: AbortSignal.timeout(TIMEOUT_MS) });
  await client.publishAsync(`${MQTT_PARENT}/p2p/${MQTT_CLIENT_ID}`, "hello from Node", { qos: 1 });
  const [topic, payload] = await received;
  console.log(`${topic}: ${payload}`);
  await client.endAsync();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
