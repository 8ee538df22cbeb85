/* Small pieces of the field page: elements, icons, words. */
const { icons } = document.body.dataset;
export const words = JSON.parse(document.getElementById("kata").textContent);
export const language = document.documentElement.lang;

/** A sentence with {names} filled in. */
export const say = (name, values = {}) =>
  (words[name] || name).replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));

/** An element: `make("p", {class: "x", text: "…", on: {click}}, child, …)`. */
export function make(tag, { text, on = {}, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  if (text !== undefined) element.textContent = text;
  for (const [name, work] of Object.entries(on)) element.addEventListener(name, work);
  element.append(...children.filter(Boolean));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${icons}#${name}`);
  svg.append(use);
  return svg;
}

export function button(name, label, work, look = "") {
  return make("button", { type: "button", class: `btn ${look}`.trim(), on: { click: work } }, icon(name), make("span", { text: label }));
}

export const clock = (moment) =>
  new Date(moment).toLocaleString(language, { weekday: "short", hour: "2-digit", minute: "2-digit" });

const said = document.querySelector("[data-said]");
let toast = null;
let fades = 0;

/** Tell it to the eye for a while, and to the ear. */
export function tell(text, isBad = false) {
  said.textContent = "";
  requestAnimationFrame(() => (said.textContent = text));
  toast?.remove();
  toast = make("p", { class: `field-toast${isBad ? " is-bad" : ""}`, "aria-hidden": "true" }, icon(isBad ? "warning" : "check-circle"), make("span", { text }));
  document.body.append(toast);
  clearTimeout(fades);
  fades = setTimeout(() => toast.remove(), 6_000);
}
