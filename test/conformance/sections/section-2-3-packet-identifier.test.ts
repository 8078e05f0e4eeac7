import { SECTION_2_3 } from "../../../packages/conformance/src/sections/section-2-3-packet-identifier.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(SECTION_2_3);
