import { POINT_TO_POINT_TOPICS } from "../../../src/conformance/sections/point-to-point-topics.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(POINT_TO_POINT_TOPICS);
