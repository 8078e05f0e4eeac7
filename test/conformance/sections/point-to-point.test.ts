import { POINT_TO_POINT } from "../../../src/conformance/sections/point-to-point.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(POINT_TO_POINT);
