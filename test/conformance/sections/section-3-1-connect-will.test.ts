import { SECTION_3_1_WILL } from "../../../packages/conformance/src/sections/section-3-1-connect-will.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(SECTION_3_1_WILL);
