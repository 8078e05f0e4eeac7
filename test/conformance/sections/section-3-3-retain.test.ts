import { SECTION_3_3_RETAIN } from "../../../packages/conformance/src/sections/section-3-3-retain.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(SECTION_3_3_RETAIN);
