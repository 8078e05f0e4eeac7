import { SECTION_4_7 } from "../../../packages/conformance/src/sections/section-4-7-topics.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(SECTION_4_7);
