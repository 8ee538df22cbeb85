/* On every public page: the service worker, what waits on this device, and its sending.
   All of it comes after the page: nothing here may make a first visit slower. */
import "./core.js";

const box = self.LaporKotak;
const section = document.getElementById("antrean");
const language = document.documentElement.lang;

async function registerWorker() {
  if (!("serviceWorker" in navigator)) return;
  try {
    await box.setSetting("language", language);
    await navigator.serviceWorker.register("/sw.js", { scope: "/" });
    const registration = await navigator.serviceWorker.ready;
    registration.active?.postMessage({ type: "language", language });
  } catch {
    /* private windows and old browsers: everything works while there is a network */
  }
}

/* The thank-you page names the report that was just filed: kept here, and its draft is done with. */
async function keepReceipt() {
  const given = document.getElementById("tanda-terima");
  if (!given) return;
  const { key, ...receipt } = JSON.parse(given.textContent);
  await box.keepMine(receipt);
  await box.remove(key);
}

async function look() {
  await keepReceipt();
  const waiting = (await box.drafts()).some((draft) => draft.state !== "draft");
  const wantsMine = section?.dataset.mine !== undefined && (await box.mine()).length > 0;
  if (section && (waiting || wantsMine)) await openPanel();
}

let panel = null;
function openPanel() {
  panel ??= import("./panel.js").then(({ panel: make }) => make(section));
  return panel;
}

document.addEventListener("lapor:antrean", ({ detail }) => detail.type !== "progress" && section && openPanel());
const soon = window.requestIdleCallback ?? ((work) => setTimeout(work, 200));
const begin = () => soon(() => look().finally(registerWorker));
if (document.readyState === "complete") begin();
else window.addEventListener("load", begin, { once: true });
