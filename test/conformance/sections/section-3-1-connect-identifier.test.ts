import { SECTION_3_1_IDENTIFIER } from "../../../packages/conformance/src/sections/section-3-1-connect-identifier.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(SECTION_3_1_IDENTIFIER);
