/**
 * Properties of a RocketMQ message that say where it goes. The spelling with capitals is that of
 * the commercial service's documents, the one without that of its Java SDK: senders use both.
 */
export const SECOND_TOPIC = "mqttSecondTopic";
export const QOS = ["qoslevel", "qosLevel"] as const;
export const CLEAN_SESSION = ["cleansessionflag", "cleanSessionFlag"] as const;
export const REAL_TOPIC = "mqttRealTopic";
export const CLIENT_ID = "clientId";
/** RocketMQ refuses messages without a body, so an empty one is marked. */
export const IS_EMPTY = "IS_EMPTY_MSG";
/** Which broker has sent it, so that it does not come back. */
export const NODE = "beelineNode";

/** Tag of what comes from MQTT clients. */
export const TAG = "MQTT2MQ";

/** The first of these that the message has. */
export function either(
  properties: ReadonlyMap<string, string>,
  names: readonly string[],
): string | undefined {
  for (const name of names) {
    const value = properties.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}
