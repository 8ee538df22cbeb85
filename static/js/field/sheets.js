/* The two sheets: "done" with the camera first, and "cannot" with its reasons. Each gives a step to `submit`. */
import { shrink } from "../photo-shrink.js";
import { button, language, make, say } from "./parts.js";
import { distanceText, whereAmI } from "./place.js";

const PHOTOS_AT_MOST = 5;

/** `submit({step, fields, photos, claim}, stop, earlier)` is called with what was filled in. */
export function sheets(submit) {
  const done = doneSheet(submit);
  const cannot = cannotSheet(submit);
  return { done, cannot };
}

function common(id) {
  const dialog = document.getElementById(id);
  const form = dialog.querySelector("form");
  const fault = dialog.querySelector("[data-fault]");
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  const blame = (text, lines = []) => {
    fault.hidden = !text;
    fault.querySelector("[data-fault-text]").textContent = text;
    fault.querySelector("[data-findings]")?.replaceChildren(...lines.map((line) => make("li", { text: line })));
    if (text) fault.scrollIntoView({ block: "nearest" });
  };
  const open = (stop) => {
    dialog.querySelector("[data-of]").textContent = `${stop.kind} · ${stop.code}`;
    blame("");
    dialog.showModal();
  };
  return { dialog, form, blame, open };
}

function doneSheet(submit) {
  const { dialog, form, blame, open } = common("selesai");
  const input = dialog.querySelector("input[type=file]");
  const list = dialog.querySelector("[data-taken]");
  const reason = dialog.querySelector("[data-reason]");
  const claimText = dialog.querySelector("[data-claim]");
  let state = null; // {stop, earlier, photos, claim, locating}

  function show() {
    const isNeeded = state.stop.needs_photo;
    dialog.querySelector("[data-camera-words]").textContent = say(state.photos.length ? "take_another" : "take_first");
    dialog.querySelector("[data-photo-needed]").hidden = !isNeeded && state.photos.length > 0;
    list.replaceChildren(
      ...state.photos.map((photo, index) => {
        const picture = make("img", { alt: say("your_photo", { number: index + 1 }), width: 120, height: 90, src: URL.createObjectURL(photo.blob) });
        picture.addEventListener("load", () => URL.revokeObjectURL(picture.src), { once: true });
        const away = button("x", say("remove_photo"), () => {
          state.photos.splice(index, 1);
          show();
        }, "btn-quiet");
        return make("li", {}, picture, away);
      }),
    );
    claimText.textContent = "";
    if (!state.photos.length) return;
    if (state.locating) claimText.textContent = say("place_waits");
    else if (state.claim) claimText.textContent = say("place_known", { distance: distanceText(state.claim.accuracy_m || 10, language) });
    else claimText.textContent = say("place_unknown");
  }

  /* Where and when it was chosen: many phones' browsers take a photo's own place out of it. */
  async function record(own) {
    const chosenAt = new Date().toISOString();
    own.locating = true;
    own.place = whereAmI({ fresh: true });
    show();
    const here = await own.place;
    own.locating = false;
    own.claim = here ? { ...here, at: chosenAt } : own.claim;
    if (state === own) show();
  }

  input.addEventListener("change", async () => {
    const own = state;
    const files = [...input.files];
    input.value = "";
    if (!own || !files.length) return;
    const located = record(own);
    for (const file of files.slice(0, PHOTOS_AT_MOST - own.photos.length)) {
      const small = await shrink(file);
      own.photos.push({ name: small.name, blob: small, uuid: null });
    }
    if (state === own) show();
    await located;
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const own = state;
    const message = form.elements.message.value.trim();
    if (own.stop.needs_photo && !own.photos.length) return blame(say("photo_missing"));
    if (!message) {
      blame(say("message_missing"));
      form.elements.message.focus();
      return undefined;
    }
    if (own.locating) await own.place;
    dialog.close();
    const fields = { message, proof_reason: form.elements.proof_reason.value.trim() };
    await submit({ step: "resolve", fields, photos: own.photos, claim: own.claim }, own.stop, own.earlier);
    return undefined;
  });
  dialog.addEventListener("close", () => (list.replaceChildren(), (state = null)));

  return (stop, earlier = null) => {
    const fields = earlier?.fields ?? {};
    state = { stop, earlier, photos: [...(earlier?.photos ?? [])], claim: earlier?.claim ?? null, locating: false };
    form.elements.message.value = fields.message ?? "";
    form.elements.proof_reason.value = fields.proof_reason ?? "";
    reason.hidden = earlier?.state !== "proof" && !fields.proof_reason;
    open(stop);
    show();
    if (earlier?.problem) blame(earlier.problem.detail, earlier.problem.findings ?? []);
  };
}

function cannotSheet(submit) {
  const { dialog, form, blame, open } = common("tidak-bisa");
  const reasons = [...form.querySelectorAll("[name=reason]")];
  let state = null;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const own = state;
    const chosen = reasons.find((item) => item.checked);
    const own_words = form.elements.words.value.trim();
    if (!chosen) return blame(say("reason_missing"));
    if (chosen.dataset.asks && !own_words) {
      blame(say("words_missing"));
      form.elements.words.focus();
      return undefined;
    }
    const sentence = [chosen.dataset.words, own_words].filter(Boolean).join(" ").slice(0, 300);
    const { step } = chosen.dataset;
    const fields = step === "wait" ? { waiting_on: chosen.dataset.on, waiting_reason: sentence } : { message: sentence };
    dialog.close();
    const typed = { reason: chosen.value, words: own_words };
    await submit({ step, fields, typed, photos: [], claim: null }, own.stop, own.earlier);
    return undefined;
  });

  return (stop, earlier = null) => {
    state = { stop, earlier };
    for (const item of reasons) {
      item.checked = item.value === earlier?.typed?.reason;
      item.closest("label").hidden = !(item.dataset.step in stop.steps) && !item.checked;
    }
    form.elements.words.value = earlier?.typed?.words ?? "";
    open(stop);
    if (earlier?.problem) blame(earlier.problem.detail);
  };
}

