/* The signs of the map of reports: one report, or a circle that says how many and in which states. */
import { markerShape } from "./map-base.js";

const SVG = "http://www.w3.org/2000/svg";
/* In the order of the legend. Each state has its own thickness and pattern: colour is never the only sign. */
export const STATES = ["new", "working", "scheduled", "done", "rejected"];
const PATTERNS = {
  new: { width: 7 },
  working: { width: 7, dash: "4 2" },
  scheduled: { width: 7, dash: "1.5 2" },
  done: { width: 3 },
  rejected: { width: 3, dash: "2 2.5" },
};
const GAP = 0.05; // radians between two parts of a ring

export function short(number) {
  return number < 1000 ? String(number) : `${(number / 1000).toFixed(number < 10_000 ? 1 : 0)}k`;
}

export function circlePx(number) {
  return Math.round(Math.min(60, 30 + 10 * Math.log10(number)));
}

/** How much room the number in a circle takes, width and height. */
export function numberSize(number) {
  return [short(number).length * 8 + 4, 16];
}

/** A circle with the number; its ring is divided by state, from the top, clockwise. */
export function clusterShape(number, states) {
  const size = circlePx(number);
  const box = document.createElement("div");
  box.className = "cluster";
  const svg = svgElement("svg", { viewBox: `0 0 ${size} ${size}`, width: size, height: size, "aria-hidden": "true" });
  svg.append(svgElement("circle", { cx: size / 2, cy: size / 2, r: size / 2 - 1, class: "plate" }));
  for (const part of arcs(size / 2, size / 2 - 4.5, states)) svg.append(part);
  const text = document.createElement("span");
  text.textContent = short(number);
  box.append(svg, text);
  return box;
}

function arcs(centre, radius, states) {
  const present = STATES.filter((state) => states[state]);
  const total = present.reduce((sum, state) => sum + states[state], 0);
  if (present.length === 1) {
    const whole = svgElement("circle", { cx: centre, cy: centre, r: radius, class: `ring ring-${present[0]}` });
    pattern(whole, present[0]);
    return [whole];
  }
  let at = -Math.PI / 2;
  return present.map((state) => {
    const turn = (states[state] / total) * 2 * Math.PI;
    // However small its share, a part stays visible.
    const end = at + Math.max(turn - GAP, 0.02);
    const point = (angle) => `${(centre + radius * Math.cos(angle)).toFixed(2)} ${(centre + radius * Math.sin(angle)).toFixed(2)}`;
    const large = end - at > Math.PI ? 1 : 0;
    const arc = svgElement("path", { d: `M${point(at)}A${radius} ${radius} 0 ${large} 1 ${point(end)}`, class: `ring ring-${state}` });
    pattern(arc, state);
    at += turn;
    return arc;
  });
}

function pattern(element, state) {
  const { width, dash } = PATTERNS[state];
  element.setAttribute("stroke-width", width);
  if (dash) element.setAttribute("stroke-dasharray", dash);
}

/** A piece of the ring's line, for the legend. */
export function ringSample(state) {
  const svg = svgElement("svg", { viewBox: "0 0 24 10", width: 24, height: 10, class: "ring-sample", "aria-hidden": "true" });
  const line = svgElement("path", { d: "M0 5H24", class: `ring ring-${state}` });
  pattern(line, state);
  svg.append(line);
  return svg;
}

/** One report's sign; late ones carry a second sign. */
export function reportIcon(state, isLate) {
  const shape = markerShape(state);
  if (isLate) {
    const badge = document.createElement("b");
    badge.className = "marker-late";
    badge.textContent = "!";
    shape.append(badge);
  }
  return L.divIcon({ className: "", html: shape, iconSize: [44, 44], iconAnchor: [22, 22] });
}

function svgElement(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
