/* What every page may need beyond HTML: the sign-in link, what went wrong with a swap, printing. */
"use strict";

(() => {
  const live = document.getElementById("live");

  /** Tell everybody, also those who do not see: shown for a while, spoken at once. */
  function announce(words, bad) {
    live.classList.toggle("bad", Boolean(bad));
    live.textContent = words;
    if (words) setTimeout(() => { if (live.textContent === words) live.textContent = ""; }, 8000);
  }

  /** On a phone the navigation is wider than the screen: begin where the page lies. */
  function showCurrentEntry() {
    const entry = document.querySelector(".site-nav a[aria-current]");
    const bar = entry && entry.closest("ul");
    if (bar) bar.scrollLeft = entry.parentElement.offsetLeft - (bar.clientWidth - entry.offsetWidth) / 2;
  }

  /** A sign-in link keeps its token behind "#", which is sent to nobody; move it into the form and send that. */
  function useSignInLink() {
    const form = document.querySelector("[data-sign-in]");
    const match = form && /^#token=([\w.-]+)$/.exec(location.hash);
    if (!match) return;
    history.replaceState(null, "", location.pathname + location.search);
    form.elements.token.value = match[1];
    form.requestSubmit();
  }

  /** The words of a problem+json answer, in the reader's language. */
  function wordsOf(xhr) {
    try {
      return JSON.parse(xhr.responseText).detail;
    } catch (notJson) {
      return null;
    }
  }

  const english = document.documentElement.lang === "en";
  const lost = english ? "The connection failed. Nothing was changed; try again." : "连接失败，没有任何改动，请重试。";

  document.addEventListener("htmx:responseError", (event) => {
    const xhr = event.detail.xhr;
    announce(wordsOf(xhr) || `${lost} (${xhr.status})`, true);
  });
  document.addEventListener("htmx:sendError", () => announce(lost, true));
  document.addEventListener("htmx:timeout", () => announce(lost, true));

  // An element that is swapped in with data-announce tells its words.
  document.addEventListener("htmx:afterSettle", (event) => {
    const told = event.target.closest?.("[data-announce]") || event.target.querySelector?.("[data-announce]");
    if (told) announce(told.dataset.announce, false);
  });

  // What somebody has unfolded stays so when it is swapped.
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    for (const unfolded of event.detail.target.querySelectorAll("details[open][id]")) {
      event.detail.fragment.querySelector(`[id="${unfolded.id}"]`)?.setAttribute("open", "");
    }
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  // A filter form sends itself when a choice changes; without this script its button does.
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form?.hasAttribute("data-send-on-change")) form.requestSubmit();
  });

  /** Pages that are kept for work without network may hold names: whoever signs out, or has to sign in, leaves none behind. */
  async function forgetPages() {
    if (!("caches" in window)) return;
    for (const name of await caches.keys()) await caches.delete(name);
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-sign-out") || !("caches" in window)) return;
    event.preventDefault();
    forgetPages().finally(() => form.submit());
  });
  if (document.querySelector("[data-sign-in]")) forgetPages();

  useSignInLink();
  showCurrentEntry();
})();
