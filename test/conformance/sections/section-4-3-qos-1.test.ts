import { SECTION_4_3_QOS_1 } from "../../../packages/conformance/src/sections/section-4-3-qos-1.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(SECTION_4_3_QOS_1);
