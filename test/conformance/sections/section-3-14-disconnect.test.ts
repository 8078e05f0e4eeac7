import { SECTION_3_14 } from "../../../packages/conformance/src/sections/section-3-14-disconnect.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(SECTION_3_14);
