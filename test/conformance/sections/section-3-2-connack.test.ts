import { SECTION_3_2 } from "../../../src/conformance/sections/section-3-2-connack.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(SECTION_3_2);
