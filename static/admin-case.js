/* Steps that are folded away keep their shortcut: a browser ignores an access key on what is not drawn. */
(() => {
  const folded = document.querySelector("[data-other-steps]");
  if (!folded) return;
  const isMac = /Mac/.test(navigator.platform);
  document.addEventListener("keydown", (event) => {
    if (folded.open || !event.altKey || !(isMac ? event.ctrlKey : event.shiftKey)) return;
    if (!/^Key[A-Z]$/.test(event.code)) return;
    const target = folded.querySelector(`[accesskey="${event.code[3].toLowerCase()}"]`);
    if (!target) return;
    event.preventDefault();
    folded.open = true;
    target.focus();
    target.click();
  });
})();

/* On a phone, where browsers strip a photo's position, the page says where and when it was chosen: a claim,
   kept as one. A desktop would only tell where the office is, so it says nothing. */
(() => {
  const claim = document.querySelector("[name=claim_at]");
  if (!claim || !navigator.geolocation || !matchMedia("(pointer: coarse)").matches) return;
  const form = claim.form;
  const photos = form.querySelector("[name=photos]");
  photos.addEventListener("change", () => {
    const chosenAt = new Date().toISOString();
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.claim_latitude.value = coords.latitude;
        form.elements.claim_longitude.value = coords.longitude;
        form.elements.claim_accuracy_m.value = coords.accuracy;
        claim.value = chosenAt;
      },
      () => {},
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: 30_000 },
    );
  });
})();
