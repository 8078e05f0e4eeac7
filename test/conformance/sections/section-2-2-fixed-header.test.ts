import { SECTION_2_2 } from "../../../packages/conformance/src/sections/section-2-2-fixed-header.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(SECTION_2_2);
