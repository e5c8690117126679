/* Marks made on the escort's phone, kept until they have arrived: the network on the road comes and goes.
   Without this script the page's forms work as they are. What is kept: the form's fields and when it was sent,
   by this phone's clock; the service is told how long ago that was, so a wrong clock does no harm. */
"use strict";
(() => {
  const SHELF = "zhida-marks:" + location.pathname;
  const RETRY_MS = 4000;
  const FINAL = new Set([404, 409, 422]); // the mark itself is wrong, and will be so the next time
  let sending = false;

  const read = () => JSON.parse(localStorage.getItem(SHELF) || "[]");
  const write = (marks) => {
    localStorage.setItem(SHELF, JSON.stringify(marks));
    const waiting = document.querySelector("[data-waiting]");
    waiting.hidden = marks.length === 0;
    waiting.querySelector("[data-waiting-count]").textContent = marks.length;
  };

  function show(mark) {
    const line = mark.line && document.getElementById(mark.line);
    if (!line) return;
    line.classList.remove("boarded", "no_show", "expected");
    line.classList.add(mark.fields.presence, "waiting");
    for (const button of line.querySelectorAll("button"))
      button.setAttribute("aria-pressed", String(button.value === mark.fields.presence));
  }

  function settle(mark, html) {
    const line = mark.line && document.getElementById(mark.line);
    if (!line) return;
    const answer = document.createElement("template");
    answer.innerHTML = html;
    const counts = answer.content.querySelector("[data-counts]");
    if (counts) document.getElementById("counts").replaceChildren(counts.content);
    const fresh = answer.content.querySelector("li");
    const focused = line.contains(document.activeElement) ? document.activeElement.value : null;
    line.replaceWith(fresh);
    if (focused) fresh.querySelector(`button[value="${focused}"]`).focus({ preventScroll: true });
  }

  // What is wrong with a mark that was not taken: in `dropped` it is gone for good, in `kept` it is sent again.
  function complain(where, response, body) {
    const isJson = (response.headers.get("content-type") || "").includes("json");
    const place = document.querySelector(`[data-${where}]`);
    place.querySelector("[data-words]").textContent = isJson ? JSON.parse(body).detail : response.statusText;
    place.hidden = false;
  }

  async function post(mark) {
    const age_ms = String(Math.max(0, Date.now() - mark.made));
    try {
      const response = await fetch(mark.to, {
        method: "POST",
        headers: { "HX-Request": "true" },
        body: new URLSearchParams({ ...mark.fields, age_ms }),
        signal: AbortSignal.timeout(15000),
      });
      return [response, await response.text()];
    } catch {
      return []; // no network, or too slow
    }
  }

  async function send() {
    if (sending) return;
    sending = true;
    try {
      for (let marks = read(); marks.length > 0; marks = read()) {
        const mark = marks[0];
        const [response, body] = await post(mark);
        if (!response) break;
        document.querySelector("[data-kept]").hidden = true;
        if (!response.ok && !FINAL.has(response.status)) {
          if (response.status < 500) complain("kept", response, body);
          break;
        }
        write(read().slice(1));
        if (!response.ok) complain("dropped", response, body);
        else if (mark.then === "reload") location.reload();
        else settle(mark, body);
      }
    } finally {
      sending = false;
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-queue]")) return;
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(form, event.submitter));
    const mark = { to: form.action, fields, made: Date.now(), line: form.dataset.line, then: form.dataset.then };
    write([...read(), mark]);
    show(mark);
    send();
  });

  window.addEventListener("online", send);
  setInterval(send, RETRY_MS);
  const kept = read();
  write(kept);
  kept.forEach(show);
  send();
})();
