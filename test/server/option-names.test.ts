import { expect, it } from "vitest";
import { namesOf } from "../../src/server/option-names.js";

it.each([
  ["limits", "queueMessagesMax", "--queue-messages-max", "BEELINE_LIMITS__QUEUE_MESSAGES_MAX"],
  ["", "port", "--port", "BEELINE_PORT"],
  ["", "willOnTakeOver", "--will-on-take-over", "BEELINE_WILL_ON_TAKE_OVER"],
  ["", "dupAtQos0", "--dup-at-qos0", "BEELINE_DUP_AT_QOS0"],
  ["pointToPoint", "offline", "--p2p-offline", "BEELINE_POINT_TO_POINT__OFFLINE"],
  ["pointToPoint", "enabled", "--p2p", "BEELINE_POINT_TO_POINT__ENABLED"],
  ["webSocket", "port", "--ws-port", "BEELINE_WEB_SOCKET__PORT"],
  ["store", "dataDir", "--data-dir", "BEELINE_STORE__DATA_DIR"],
  ["otherGroup", "enabled", "--other-group", "BEELINE_OTHER_GROUP__ENABLED"],
])("%s %s is %s and %s", (group, name, flag, variable) => {
  const path = group === "" ? name : `${group}.${name}`;
  expect(namesOf(group, name)).toEqual({ path, flag, variable });
});
