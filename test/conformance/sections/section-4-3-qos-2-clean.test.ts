import { SECTION_4_3_QOS_2_CLEAN } from "../../../packages/conformance/src/sections/section-4-3-qos-2-clean.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(SECTION_4_3_QOS_2_CLEAN);
