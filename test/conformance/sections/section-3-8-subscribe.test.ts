import { SECTION_3_8 } from "../../../packages/conformance/src/sections/section-3-8-subscribe.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(SECTION_3_8);
