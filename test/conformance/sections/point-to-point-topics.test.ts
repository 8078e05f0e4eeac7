import { POINT_TO_POINT_TOPICS } from "../../../packages/conformance/src/sections/point-to-point-topics.js";
import { overLinks } from "../../support/conformance/over-links.js";

overLinks(POINT_TO_POINT_TOPICS);
