import { unzipSync } from "node:zlib";
import type { PackedMessage, SimpleConsumer } from "./client-library.js";

/** Property of a message whose body nobody here can read. */
export const UNREADABLE = "beelineUnreadable";

/** Of a body that was packed: a few bytes can stand for gigabytes. */
const BODY_BYTES_MAX = 16 * 1024 * 1024;
/** How the protocol names them. */
const PLAIN = 1;
const PACKED = 2;

/**
 * Unpacks bodies before the library does. SDKs of the older protocol pack large ones as zlib; the proxy
 * calls that gzip, the library believes it, and fails: nothing that came in the same answer would
 * ever arrive.
 */
export function unpackBodies({ rpcClientManager }: SimpleConsumer): void {
  const receive = rpcClientManager.receiveMessage.bind(rpcClientManager);
  rpcClientManager.receiveMessage = async (...request) => {
    const answers = await receive(...request);
    for (const answer of answers) {
      const message = answer.getMessage();
      if (message?.getSystemProperties()?.getBodyEncoding() === PACKED) unpack(message);
    }
    return answers;
  };
}

function unpack(message: PackedMessage): void {
  message.getSystemProperties()?.setBodyEncoding(PLAIN);
  try {
    message.setBody(unzipSync(message.getBody_asU8(), { maxOutputLength: BODY_BYTES_MAX }));
  } catch {
    message.getUserPropertiesMap().set(UNREADABLE, "true");
  }
}
