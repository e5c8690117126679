/* The upload form: says which file is chosen, refuses one that is too large at once, shows that work is going on. */
"use strict";

(() => {
  const form = document.querySelector("[data-upload]");
  if (!form) return;
  const input = form.querySelector("input[type=file]");
  const chosen = form.querySelector("[data-chosen]");
  const button = form.querySelector("button[type=submit]");

  // The browser's own words about the file are in the browser's language; ours are in the reader's.
  const drop = form.querySelector(".drop");
  drop.classList.add("ready");

  function tell() {
    const file = input.files[0];
    chosen.textContent = file ? `${file.name} · ${Math.ceil(file.size / 1024)} KB` : chosen.dataset.wordNone;
  }

  tell();
  input.addEventListener("change", () => {
    const file = input.files[0];
    const tooLarge = Boolean(file) && file.size > Number(form.dataset.bytesMax);
    input.setCustomValidity(tooLarge ? form.dataset.wordTooLarge : "");
    tell();
    if (tooLarge) input.reportValidity();
  });

  for (const [kind, over] of [["dragenter", true], ["dragover", true], ["dragleave", false], ["drop", false]])
    input.addEventListener(kind, () => drop.classList.toggle("over", over));

  form.addEventListener("submit", () => {
    form.querySelector("[data-working]").hidden = false;
    button.disabled = true;
  });

  // Back from the result: the form is ready again.
  window.addEventListener("pageshow", () => {
    form.querySelector("[data-working]").hidden = true;
    button.disabled = false;
    tell();
  });
})();
