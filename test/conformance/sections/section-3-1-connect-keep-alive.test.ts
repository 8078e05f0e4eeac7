import { SECTION_3_1_KEEP_ALIVE } from "../../../packages/conformance/src/sections/section-3-1-connect-keep-alive.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(SECTION_3_1_KEEP_ALIVE);
