/* Danger to life: 112 first, large, where the person is looking; the report is filed all the same. */
export function dangerNotice(form) {
  const update = () => {
    const present = document.getElementById("bahaya");
    const dangerous = form.querySelector("input[data-danger]:checked");
    if (!dangerous) {
      present?.remove();
      return;
    }
    if (present) return;
    const notice = document.getElementById("danger-template").content.cloneNode(true);
    const question = dangerous.closest(".question");
    if (question) question.after(notice);
    else document.getElementById("kategori-terpilih").after(notice);
    const section = document.getElementById("bahaya");
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    section.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
  };
  form.addEventListener("change", update);
}
