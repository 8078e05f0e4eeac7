import { SECTION_3_3 } from "../../../packages/conformance/src/sections/section-3-3-publish.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(SECTION_3_3);
