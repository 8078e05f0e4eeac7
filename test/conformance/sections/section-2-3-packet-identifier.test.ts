import { SECTION_2_3 } from "../../../src/conformance/sections/section-2-3-packet-identifier.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(SECTION_2_3);
