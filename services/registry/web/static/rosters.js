/* The upload form: says which file is chosen, refuses one that is too large at once, shows that work is going on. */
"use strict";

(() => {
  const form = document.querySelector("[data-upload]");
  if (!form) return;
  const input = form.querySelector("input[type=file]");
  const chosen = form.querySelector("[data-chosen]");
  const button = form.querySelector("button[type=submit]");

  input.addEventListener("change", () => {
    const file = input.files[0];
    const tooLarge = Boolean(file) && file.size > Number(form.dataset.bytesMax);
    input.setCustomValidity(tooLarge ? form.dataset.wordTooLarge : "");
    chosen.textContent = file ? `${file.name} · ${(file.size / 1024).toFixed(0)} KB` : "";
    if (tooLarge) input.reportValidity();
  });

  form.addEventListener("submit", () => {
    form.querySelector("[data-working]").hidden = false;
    button.disabled = true;
  });

  // Back from the result: the form is ready again.
  window.addEventListener("pageshow", () => {
    form.querySelector("[data-working]").hidden = true;
    button.disabled = false;
  });
})();
