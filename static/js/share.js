/* The phone's own sheet for sharing, where it has one. */
for (const button of document.querySelectorAll("[data-share]")) {
  if (!navigator.share) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const { shareTitle: title, shareText: text, shareUrl: url } = button.dataset;
    try {
      await navigator.share({ title, text, url });
    } catch {
      /* closed without choosing: nothing to do */
    }
  });
}

/* Folded steps belong on paper too. */
const folded = document.querySelectorAll("details.timeline-fold");
window.addEventListener("beforeprint", () => folded.forEach((item) => (item.open = true)));
