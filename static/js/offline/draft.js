/* The draft of the form that is open: kept on the device as it is typed, offered back, put into the form. */
import "./core.js";

const box = self.LaporKotak;
const SAVE_AFTER_MS = 150;
const NOT_KEPT = new Set(["csrfmiddlewaretoken", "action", "photo", "photos", "website", "category_before", "cari", "photo_place", "opened"]);
const SAYS_SOMETHING = ["category", "description", "latitude", "area", "street", "observed_at", "contact_name", "contact_email", "contact_phone"];

export function fieldsOf(form) {
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !NOT_KEPT.has(name));
}

/** Keeping the form's draft. `photos` is the picker; `serverPhotos` what the server holds already. */
export function drafting(form, photos, texts, say) {
  const note = document.getElementById("draf-status");
  let timer = 0;
  let isOver = false;
  let created_at = Date.now();

  const isEmpty = (fields, pictures) =>
    !pictures.length && !fields.some(([name, value]) => value && (SAYS_SOMETHING.includes(name) || name.startsWith("answers.")));

  const collect = () => {
    const held = [...form.querySelectorAll("input[type=hidden][name=photo]")].map(({ value }) => ({ id: value, uuid: value }));
    const chosen = form.querySelector("input[name=category]:checked");
    return {
      key: form.elements.key.value,
      state: "draft",
      fields: fieldsOf(form),
      photos: [...held, ...photos.kept()],
      title: chosen?.closest("label")?.querySelector("strong")?.textContent ?? "",
      language: document.documentElement.lang,
      created_at,
      updated_at: Date.now(),
    };
  };

  async function save() {
    clearTimeout(timer);
    if (isOver) return null;
    const draft = collect();
    const before = await box.get(draft.key);
    if (before && before.state !== "draft") return draft; // it is in the queue already: nothing may change it
    if (isEmpty(draft.fields, draft.photos)) {
      if (before) await box.remove(draft.key);
      return draft;
    }
    const kept = new Map((before?.photos ?? []).map((photo) => [photo.uuid, photo]));
    draft.photos = draft.photos.map((photo) => (photo.blob ? photo : { ...kept.get(photo.uuid), ...photo, blob: kept.get(photo.uuid)?.blob }));
    if (before?.tried) draft.tried = before.tried;
    await box.put(draft, true);
    if (note) note.textContent = texts.kept;
    return draft;
  }

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_AFTER_MS);
  };
  for (const event of ["input", "change", "placechange"]) form.addEventListener(event, soon);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && save());
  window.addEventListener("pagehide", () => save());

  return {
    save,
    soon,
    collect,
    /** From now on the draft is the queue's. */
    finish: () => (isOver = true),
    /** Put a kept draft into the open form. */
    async fill(draft) {
      form.elements.key.value = draft.key;
      created_at = draft.created_at;
      await fill(form, draft);
      photos.restore(draft.photos.filter((photo) => !form.querySelector(`input[name=photo][value="${CSS.escape(photo.uuid ?? "-")}"]`)));
      form.dispatchEvent(new CustomEvent("draftfilled", { bubbles: true }));
      document.getElementById("draf-lama").hidden = true;
      if (note) note.textContent = texts.resumed;
    },
    offer: () => offer(form, texts, say),
  };
}

async function fill(form, draft) {
  const values = new Map(draft.fields);
  for (const box of form.querySelectorAll("input[type=checkbox][name]")) box.checked = values.has(box.name);
  answersWhenAsked(form, values);
  const kind = form.querySelector(`input[name=category][value="${CSS.escape(values.get("category") ?? "")}"]`);
  if (kind && !kind.checked) {
    kind.dispatchEvent(new Event("pointerdown", { bubbles: true })); // chosen for good, not walked over
    kind.click();
  }
  for (const [name, value] of values) {
    const field = form.elements.namedItem(name);
    if (!field || name === "key" || name === "category" || name.startsWith("answers.")) continue;
    if (field instanceof RadioNodeList) field.value = value;
    else if (field.type !== "checkbox") field.value = value;
    field.dispatchEvent?.(new Event("input", { bubbles: true }));
  }
  // A checkbox that the kind's own default turned on stays as the person left it.
  for (const box of form.querySelectorAll("input[type=checkbox][name]")) box.checked = values.has(box.name);
  const [latitude, longitude] = [Number(values.get("latitude")), Number(values.get("longitude"))];
  if (values.get("place_mode") === "area") document.getElementById("tanpa-peta")?.click();
  else if (values.get("latitude") && Number.isFinite(latitude) && Number.isFinite(longitude)) {
    const detail = { latitude, longitude, source: values.get("place_source") || "map", accuracy_m: Number(values.get("accuracy_m")) || "" };
    document.dispatchEvent(new CustomEvent("lapor:setplace", { detail }));
  }
}

/* The questions come after their kind: answer them when they are there. */
function answersWhenAsked(form, values) {
  const questions = document.getElementById("daftar-pertanyaan");
  const answer = () => {
    for (const [name, value] of values) {
      if (!name.startsWith("answers.")) continue;
      const field = form.elements.namedItem(name);
      if (!field) continue;
      const radio = field instanceof RadioNodeList ? [...field].find((item) => item.value === value) : field;
      if (radio?.type === "radio") radio.checked = radio.value === value;
      else if (radio) radio.value = value;
      (radio ?? questions).dispatchEvent(new Event("change", { bubbles: true }));
    }
  };
  const watcher = new MutationObserver(answer);
  watcher.observe(questions, { childList: true });
  setTimeout(() => watcher.disconnect(), 20_000);
  answer();
}

/* What was begun here before: to be continued or discarded. */
async function offer(form, texts, say) {
  const panel = document.getElementById("draf-lama");
  const others = (await box.drafts()).filter((draft) => draft.state === "draft" && draft.key !== form.elements.key.value);
  if (!others.length || !panel) return null;
  const draft = others[0];
  const date = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" }).format(draft.updated_at);
  panel.querySelector("h2").textContent = say(texts.continueTitle, { date });
  const story = draft.fields.find(([name]) => name === "description")?.[1] ?? "";
  panel.querySelector("[data-about]").textContent = [draft.title, story.slice(0, 80)].filter(Boolean).join(": ") || say(texts.photoCount, { count: draft.photos.length });
  panel.hidden = false;
  return draft;
}
