import type { Section } from "./case.js";
import { ATTACKS } from "./sections/attacks.js";
import { LIMITS } from "./sections/limits.js";
import { MQTT_3_1 } from "./sections/mqtt-3-1.js";
import { POINT_TO_POINT } from "./sections/point-to-point.js";
import { POINT_TO_POINT_TOPICS } from "./sections/point-to-point-topics.js";
import { SECTION_1_5 } from "./sections/section-1-5-data.js";
import { SECTION_2_2 } from "./sections/section-2-2-fixed-header.js";
import { SECTION_2_2_FRAMING } from "./sections/section-2-2-framing.js";
import { SECTION_2_3 } from "./sections/section-2-3-packet-identifier.js";
import { SECTION_3_1_IDENTIFIER } from "./sections/section-3-1-connect-identifier.js";
import { SECTION_3_1_KEEP_ALIVE } from "./sections/section-3-1-connect-keep-alive.js";
import { SECTION_3_1_LAYOUT } from "./sections/section-3-1-connect-layout.js";
import { SECTION_3_1_SESSION } from "./sections/section-3-1-connect-session.js";
import { SECTION_3_1_WILL } from "./sections/section-3-1-connect-will.js";
import { SECTION_3_2 } from "./sections/section-3-2-connack.js";
import { SECTION_3_3 } from "./sections/section-3-3-publish.js";
import { SECTION_3_3_RETAIN } from "./sections/section-3-3-retain.js";
import { SECTION_3_8 } from "./sections/section-3-8-subscribe.js";
import { SECTION_3_10 } from "./sections/section-3-10-unsubscribe.js";
import { SECTION_3_12 } from "./sections/section-3-12-pingreq.js";
import { SECTION_3_14 } from "./sections/section-3-14-disconnect.js";
import { SECTION_4_1 } from "./sections/section-4-1-state.js";
import { SECTION_4_3_QOS_1 } from "./sections/section-4-3-qos-1.js";
import { SECTION_4_3_QOS_2 } from "./sections/section-4-3-qos-2.js";
import { SECTION_4_3_QOS_2_CLEAN } from "./sections/section-4-3-qos-2-clean.js";
import { SECTION_4_4 } from "./sections/section-4-4-order.js";
import { SECTION_4_7 } from "./sections/section-4-7-topics.js";

/** Every section of the suite, in the order of the standard, our own matters behind it. */
export const SECTIONS: readonly Section[] = [
  SECTION_1_5,
  SECTION_2_2,
  SECTION_2_2_FRAMING,
  SECTION_2_3,
  SECTION_3_1_LAYOUT,
  SECTION_3_1_IDENTIFIER,
  SECTION_3_1_SESSION,
  SECTION_3_1_WILL,
  SECTION_3_1_KEEP_ALIVE,
  SECTION_3_2,
  SECTION_3_3,
  SECTION_3_3_RETAIN,
  SECTION_3_8,
  SECTION_3_10,
  SECTION_3_12,
  SECTION_3_14,
  SECTION_4_1,
  SECTION_4_3_QOS_1,
  SECTION_4_3_QOS_2,
  SECTION_4_3_QOS_2_CLEAN,
  SECTION_4_4,
  SECTION_4_7,
  MQTT_3_1,
  POINT_TO_POINT,
  POINT_TO_POINT_TOPICS,
  LIMITS,
  ATTACKS,
];
