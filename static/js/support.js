/* Adding to somebody else's report: what will be hidden of the words is pointed out while typing, and photos
   are made smaller before they travel. */
import { privacyHints } from "./form-privacy.js";
import { shrink } from "./photo-shrink.js";

const SUPPORTED = "lapor:didukung"; // the key of the draft that went to somebody else's report
const texts = JSON.parse(document.getElementById("form-texts")?.textContent ?? "{}");
const say = (sentence, values) => Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, () => value), sentence);

privacyHints(texts, say);

/* The draft on this device is done with once the person is counted, and not before. */
async function forgetDraft() {
  const key = stored(() => sessionStorage.getItem(SUPPORTED));
  if (!key || !document.querySelector(".support-done")) return;
  await import("./offline/core.js");
  await self.LaporKotak.discard(key);
  stored(() => sessionStorage.removeItem(SUPPORTED));
}

function stored(work) {
  try {
    return work();
  } catch {
    return null; // private browsing
  }
}

forgetDraft();
document.querySelector("[data-testid=support-form]")?.addEventListener("submit", ({ target, submitter }) => {
  if (submitter?.value === "support") stored(() => sessionStorage.setItem(SUPPORTED, target.elements.key.value));
});

const input = document.getElementById("foto-dukung");
if (input && typeof DataTransfer !== "undefined") {
  const form = input.form;
  let shrinking = null;
  input.addEventListener("change", () => {
    const chosen = [...input.files];
    shrinking = Promise.all(chosen.map((file) => shrink(file))).then((files) => {
      const transfer = new DataTransfer();
      for (const file of files) transfer.items.add(file);
      input.files = transfer.files;
      shrinking = null;
    });
  });
  form.addEventListener("submit", async (event) => {
    if (!shrinking) return;
    event.preventDefault();
    await shrinking;
    form.requestSubmit(event.submitter);
  });
}
