/* The review on the phone, where no server can make the preview: checked here as far as a phone can, shown as
   the public will see it, then put into the queue. The server checks everything again when it arrives. */
import "./core.js";
import { mask } from "../form-privacy.js";
import { aYearAgo, cityTime, soon } from "../form-time.js";

const box = self.LaporKotak;
const MAX_CHARS = 5000;
const part = (id) => document.getElementById(id);

/** Set up the review of `form`; `open()` shows faults or the review, `faults(list)` shows what was refused. */
export function review({ form, drafts, photos, texts, say }) {
  const section = part("tinjau");
  const send = part("tinjau-kirim");

  part("tinjau-ubah").addEventListener("click", () => close());
  send.addEventListener("click", async () => {
    send.disabled = true;
    try {
      await queue();
    } finally {
      send.disabled = false;
    }
  });

  function close() {
    section.hidden = true;
    form.hidden = false;
    form.querySelector("[data-testid=preview]").focus();
  }

  async function queue() {
    const draft = await drafts.save();
    if (!draft.fields.some(([name, value]) => name === "observed_at" && value)) {
      draft.fields = [...draft.fields.filter(([name]) => name !== "observed_at"), ["observed_at", cityTime()]];
    }
    const kept = await box.get(draft.key);
    drafts.finish();
    await box.enqueue({ ...draft, photos: kept?.photos ?? draft.photos, tried: kept?.tried });
    const result = await box.sendAll({ force: true });
    const receipt = result?.sent.find((one) => one.key === draft.key);
    if (receipt) {
      location.assign(receipt.thanks);
      return;
    }
    const now = await box.get(draft.key);
    if (now?.state === "refused") {
      location.assign(`${form.action.split("#")[0]}?draf=${draft.key}`);
      return;
    }
    section.hidden = true;
    part("tersimpan").hidden = false;
    part("tersimpan").focus();
    document.querySelector(".form-intro").hidden = true;
  }

  return {
    async open() {
      await photos.ready();
      const found = check(form, photos, texts, say);
      showFaults(found, texts);
      if (found.length) return;
      await draw(form, drafts.collect(), await box.get(form.elements.key.value), texts, say);
      form.hidden = true;
      section.hidden = false;
      section.querySelector("h2").focus();
      section.scrollIntoView();
    },
    faults: (list) => showFaults(list, texts),
  };
}

const value = (form, name) => form.elements.namedItem(name)?.value ?? "";

function check(form, photos, texts, say) {
  const found = [];
  const add = (field, anchor, message) => found.push({ field, anchor, message });
  if (!value(form, "category")) add("category", "kategori", texts.needKind);
  for (const group of form.querySelectorAll("fieldset.question[data-required]")) {
    if (!group.querySelector("input:checked")) add(group.id, group.id, texts.needAnswer);
  }
  const byArea = value(form, "place_mode") === "area";
  if (byArea ? !value(form, "area") : !value(form, "latitude") && !value(form, "area")) add("place", "tempat", texts.needPlace);
  const story = value(form, "description").trim();
  if (!story && !photos.count()) add("description", "id_description", texts.needStory);
  if (story.length > MAX_CHARS) add("description", "id_description", say(texts.tooLong, { length: story.length, limit: MAX_CHARS }));
  const seen = value(form, "observed_at");
  if (seen && seen > soon()) add("observed_at", "id_observed_at", texts.timeFuture);
  else if (seen && seen < aYearAgo()) add("observed_at", "id_observed_at", texts.timeOld);
  return found;
}

/* As the server shows faults: a summary on top that leads to each field, and a sentence beside it. */
function showFaults(found, texts) {
  part("ringkasan-kesalahan")?.remove();
  for (const old of document.querySelectorAll(".error-text[data-local]")) {
    old.closest(".has-error")?.classList.remove("has-error");
    old.remove();
  }
  if (!found.length) return;
  const summary = part("kesalahan-contoh").content.firstElementChild.cloneNode(true);
  summary.querySelector("h2").textContent = texts.faults;
  const list = summary.querySelector("ul");
  for (const { field, anchor, message } of found) {
    const link = document.createElement("a");
    link.href = `#${anchor}`;
    link.textContent = message;
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
    beside(field, anchor, message);
  }
  part("formulir").before(summary);
  summary.focus();
  summary.scrollIntoView();
}

function beside(field, anchor, message) {
  const target = part(anchor);
  if (!target || target.tagName === "FORM") return;
  const holder = target.matches("input, textarea, select") ? target.closest(".field") : target;
  const text = document.createElement("p");
  text.className = "error-text";
  text.dataset.local = "";
  text.id = `${field}-error`;
  text.textContent = message;
  holder.classList.add("has-error");
  const after = holder.querySelector(":scope > label, :scope > legend, :scope > h2, :scope > .label");
  if (after) after.after(text);
  else holder.prepend(text);
  if (target.matches("input, textarea, select")) {
    target.setAttribute("aria-invalid", "true");
    target.setAttribute("aria-describedby", `${target.getAttribute("aria-describedby") ?? ""} ${text.id}`.trim());
  }
}

async function draw(form, draft, kept, texts, say) {
  const isPrivate = form.elements.is_private.checked;
  const seen = (text) => (isPrivate ? text : mask(text));
  part("tinjau-umum").hidden = isPrivate;
  part("tinjau-rahasia").hidden = !isPrivate;
  part("tinjau-jenis").textContent = draft.title;
  part("tinjau-tempat").textContent = placeOf(form, texts, say, seen);
  const story = value(form, "description").trim();
  part("tinjau-cerita").textContent = seen(story);
  part("tinjau-cerita").hidden = !story;
  part("tinjau-waktu").textContent = say(texts.seenAt, { at: (value(form, "observed_at") || cityTime()).replace("T", " ") });
  part("tinjau-jawaban").replaceChildren(...answersOf(form, seen));
  part("tinjau-nama").textContent = form.elements.is_anonymous.checked ? part("tinjau-nama").dataset.anonymous : mask(value(form, "contact_name")) || part("tinjau-nama").dataset.anonymous;
  const blobs = new Map((kept?.photos ?? []).map((photo) => [photo.id, photo.blob]));
  const pictures = draft.photos.map((photo, index) => {
    const item = document.createElement("li");
    const image = new Image(160, 120);
    const blob = photo.blob ?? blobs.get(photo.id);
    image.src = blob ? URL.createObjectURL(blob) : `${box.PHOTO_PATH}${draft.key}/${photo.uuid}.webp`;
    image.onload = () => URL.revokeObjectURL(image.src);
    image.alt = say(texts.photo, { number: index + 1 });
    item.append(image);
    return item;
  });
  part("tinjau-foto").replaceChildren(...pictures);
  part("tinjau-foto").hidden = !pictures.length;
  part("tinjau-tertutup").hidden = isPrivate || mask(story) === story;
}

function placeOf(form, texts, say, seen) {
  const street = seen(value(form, "street").trim());
  const area = form.elements.area;
  const where =
    value(form, "place_mode") === "area" || !value(form, "latitude")
      ? area.selectedOptions[0]?.textContent.trim()
      : say(texts.pinAt, { latitude: Number(value(form, "latitude")).toFixed(5), longitude: Number(value(form, "longitude")).toFixed(5) });
  return [street, where].filter(Boolean).join(", ");
}

function answersOf(form, seen) {
  const rows = [];
  for (const question of document.querySelectorAll("#daftar-pertanyaan .question")) {
    const chosen = question.querySelector("input[type=radio]:checked");
    const answer = chosen ? chosen.closest("label").textContent.trim() : question.querySelector("input[type=text]")?.value.trim();
    if (!answer) continue;
    const asked = question.querySelector("legend, label").cloneNode(true);
    asked.querySelector(".optional")?.remove();
    const [term, detail] = [document.createElement("dt"), document.createElement("dd")];
    term.textContent = asked.textContent.trim();
    detail.textContent = seen(answer);
    rows.push(term, detail);
  }
  return rows;
}
