import { SECTION_3_10 } from "../../../packages/conformance/src/sections/section-3-10-unsubscribe.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(SECTION_3_10);
