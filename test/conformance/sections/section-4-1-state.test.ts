import { SECTION_4_1 } from "../../../packages/conformance/src/sections/section-4-1-state.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(SECTION_4_1);
