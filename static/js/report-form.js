/* The report form with JavaScript: search, questions as you choose, pin on the map, small photos.
   Everything here is a comfort; the server does the same without it. */
import { categories } from "./form-category.js";
import { dangerNotice } from "./form-danger.js";
import { nearby } from "./form-nearby.js";
import { place } from "./form-place.js";
import { photoFirst } from "./form-facts.js";
import { photoPicker } from "./form-photos.js";
import { privacyHints } from "./form-privacy.js";
import { steps } from "./form-steps.js";
import { mapWhenNear } from "./late-map.js";
import "./offline/core.js";
import { drafting } from "./offline/draft.js";
import { review } from "./offline/review.js";

const form = document.getElementById("formulir");
const texts = JSON.parse(document.getElementById("form-texts").textContent);

const box = self.LaporKotak;
// A page kept on the phone holds no key of its own: each report gets one here, before anything is typed.
const isOfflineCopy = form.dataset.kept !== undefined;
if (isOfflineCopy) form.elements.key.value = box.newKey();

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

/* The button at the end: to the server's preview where there is one, else to the review on the phone. */
function goOn({ photos, drafts, look }) {
  let isLeaving = false;
  form.addEventListener("submit", async (event) => {
    const action = event.submitter?.value ?? "preview";
    if (isLeaving || event.defaultPrevented) {
      event.preventDefault();
      return;
    }
    const isSame = action.startsWith("support:"); // "this is it": goes to the report that is there, not to a new one
    if (!(action === "preview" || isSame) || (event.submitter && event.submitter.name !== "action")) {
      await drafts.save();
      return;
    }
    event.preventDefault();
    isLeaving = true;
    try {
      await photos.ready();
      await drafts.save();
      if (!navigator.onLine || isOfflineCopy) {
        if (isSame) document.getElementById("jaringan").scrollIntoView();
        else look.open();
        return;
      }
      const isSent = await photos.settle();
      if (isSent === null || (isSame && !isSent)) document.getElementById("foto").scrollIntoView();
      else if (!isSent) look.open();
      else leave(action);
    } finally {
      isLeaving = false;
    }
  });
  function leave(action) {
    const known = new Set([...form.querySelectorAll("input[type=hidden][name=photo]")].map(({ value }) => value));
    for (const { uuid } of photos.kept().filter((photo) => photo.uuid && !known.has(photo.uuid))) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "photo", value: uuid }));
    }
    drafts.save();
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "action", value: action }));
    form.submit(); // asks no listener again
  }
  window.addEventListener("pageshow", () => form.querySelector("input[type=hidden][name=action]")?.remove());
}

/* What waits from an earlier visit, or what the address asks for: ?draf=KEY, ?antre=KEY. */
async function comeBack({ drafts, look }) {
  const asked = new URLSearchParams(location.search);
  const panel = document.getElementById("draf-lama");
  const wanted = asked.get("draf") && (await box.get(asked.get("draf")));
  if (asked.get("draf")) history.replaceState(null, "", location.pathname);
  if (wanted && wanted.state !== "queued") {
    if (wanted.state === "refused") await box.takeBack(wanted.key);
    await drafts.fill(wanted);
    if (wanted.faults?.length) look.faults(wanted.faults);
    else if (asked.get("tinjau")) setTimeout(() => look.open(), 600); // after the kind's questions
    return;
  }
  const old = await drafts.offer();
  if (!old) return;
  panel.querySelector("[data-continue]").addEventListener("click", async () => {
    await drafts.fill((await box.get(old.key)) ?? old);
    document.getElementById("h-form").focus();
  });
  panel.querySelector("[data-discard]").addEventListener("click", async () => {
    if (!window.confirm(texts.reallyDiscard)) return;
    await box.discard(old.key);
    panel.hidden = true;
    if (await drafts.offer()) panel.querySelector("[data-continue]").focus();
  });
}

function networkNotice() {
  const notice = document.getElementById("jaringan");
  const update = () => {
    notice.hidden = navigator.onLine && !isOfflineCopy;
    notice.querySelector("p").textContent = navigator.onLine ? texts.onlineNow : texts.offlineNow;
  };
  window.addEventListener("online", update);
  window.addEventListener("offline", update);
  update();
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
mapWhenNear(document.getElementById("peta-pilih"));
const takeFacts = photoFirst({
  form,
  texts,
  status: document.getElementById("foto-fakta"),
});
let drafts = null;
const photos = photoPicker({ form, texts, say, onFacts: takeFacts, onChange: () => drafts?.soon() });
drafts = drafting(form, photos, texts, say);
const look = review({ form, drafts, photos, texts, say });
counter();
dangerNotice(form);
nearby(form, texts, say);
privacyHints(texts, say);
steps(form);
networkNotice();
goOn({ photos, drafts, look });
comeBack({ drafts, look });
document.getElementById("mulai-foto")?.addEventListener("click", () => document.getElementById("id_photos").click());
document.documentElement.dataset.ready = "form"; // everything answers from here on

const summary = document.getElementById("ringkasan-kesalahan");
if (summary) summary.focus();
