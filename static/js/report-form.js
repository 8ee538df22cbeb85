/* The report form with JavaScript: search, questions as you choose, pin on the map, small photos.
   Everything here is a comfort; the server does the same without it. */
import { categories } from "./form-category.js";
import { dangerNotice } from "./form-danger.js";
import { nearby } from "./form-nearby.js";
import { place } from "./form-place.js";
import { photoPicker } from "./form-photos.js";
import { privacyHints } from "./form-privacy.js";

const form = document.getElementById("formulir");
const texts = JSON.parse(document.getElementById("form-texts").textContent);

for (const element of document.querySelectorAll(".js-only")) element.hidden = false;

export function say(sentence, values = {}) {
  return Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), sentence);
}

function counter() {
  const area = document.getElementById("id_description");
  const output = document.getElementById("description-count");
  const limit = Number(area.dataset.limit);
  const update = () => {
    const count = area.value.length;
    output.textContent = count > limit * 0.8 ? say(texts.characters, { count, limit }) : "";
    area.classList.toggle("over", count > limit);
  };
  area.addEventListener("input", update);
  update();
}

function sendOnce(photosReady) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent || !photosReady()) {
      event.preventDefault();
      return;
    }
    sent = true;
    setTimeout(() => (sent = false), 8000);
  });
  window.addEventListener("pageshow", () => (sent = false));
}

/* What has been corrected is no longer shown as wrong; the server checks all of it again. */
function clearCorrected() {
  const clear = (name) => {
    const message = document.getElementById(`${name}-error`);
    if (!message) return;
    message.closest(".has-error")?.classList.remove("has-error");
    message.remove();
    const input = document.getElementById(`id_${name}`);
    input?.removeAttribute("aria-invalid");
  };
  form.addEventListener("input", ({ target }) => clear(target.name));
  form.addEventListener("change", ({ target }) => clear(target.name));
  form.addEventListener("placechange", () => clear("place"));
}

categories(form, texts, say);
clearCorrected();
place(texts, say);
const photosReady = photoPicker(texts, say);
counter();
dangerNotice(form);
nearby(form, texts, say);
privacyHints(texts, say);
sendOnce(photosReady);

const summary = document.getElementById("ringkasan-kesalahan");
if (summary) summary.focus();
