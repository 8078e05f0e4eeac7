import { SECTION_1_5 } from "../../../packages/conformance/src/sections/section-1-5-data.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(SECTION_1_5);
