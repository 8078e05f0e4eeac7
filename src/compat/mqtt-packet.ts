import { generate, parser, writeToStream } from "./api.js";

/**
 * The API of the `mqtt-packet` package for MQTT 3.1.1 and 3.1, over our codec: for `import`. Programs
 * that `require` it get the same from a CommonJS file that the build makes of `api.ts`.
 */
const mqttPacket = { generate, parser, writeToStream };

export type * from "./packet-types.js";
export { generate, mqttPacket as default, parser, writeToStream };
