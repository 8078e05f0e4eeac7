import { SECTION_3_12 } from "../../../packages/conformance/src/sections/section-3-12-pingreq.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(SECTION_3_12);
