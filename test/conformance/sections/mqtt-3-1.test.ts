import { MQTT_3_1 } from "../../../packages/conformance/src/sections/mqtt-3-1.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(MQTT_3_1);
