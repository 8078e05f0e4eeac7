import { POINT_TO_POINT } from "../../../packages/conformance/src/sections/point-to-point.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(POINT_TO_POINT);
