import { SECTION_3_1_LAYOUT } from "../../../packages/conformance/src/sections/section-3-1-connect-layout.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(SECTION_3_1_LAYOUT);
