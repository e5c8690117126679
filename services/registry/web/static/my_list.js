/* A helper's list of the month on their phone: works where there is no network, once it was loaded.

   What is kept on the phone: the page and the list (names and phones) on a shelf of the Cache API, until the helper
   signs out or the service says that they are signed in no more, somebody else signs in, the month is over, or the list
   was not loaded for three days; and the records that wait, in IndexedDB, without any name, each with the id that makes
   it one however often it is sent. They outlive the shelf. A record is kept before the page shows it as made. */
"use strict";
(() => {
  const root = document.querySelector("[data-my-list]");
  const { helper, list: LIST, records: RECORDS, csrf: CSRF } = root.dataset;
  const SHELF = "zhida-my-list";
  const RETRY_MS = 4000;
  const BATCH = 50;
  const TRIES = Number(root.dataset.tries); // on so many days, until somebody counts as not reached
  const CHINA_MS = 8 * 3600 * 1000;
  const LIMIT_MS = 15000;
  const KEPT_MS = 72 * 3600 * 1000;
  const LOOK_MS = 60000;
  const words = JSON.parse(document.getElementById("words").textContent);
  const shown = new Map(); // "person month" -> the card and its line
  let skew_ms = 0; // how far the service's clock is ahead of this phone's
  let month = "";

  /* --- what is kept ------------------------------------------------------------------------------------------------- */

  const database = new Promise((resolve, reject) => {
    const opening = indexedDB.open("zhida-records", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("records", { keyPath: "record_id" });
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });

  /** Run `work` on the store and wait until it is on the disk. */
  async function kept(mode, work) {
    const transaction = (await database).transaction("records", mode, { durability: "strict" });
    const asked = work(transaction.objectStore("records"));
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
    return asked?.result;
  }

  const keep = (record) => kept("readwrite", (store) => store.put(record));
  const drop = (id) => kept("readwrite", (store) => store.delete(id));
  /** Only this helper's, in the order in which they were made. */
  const waiting = async () =>
    (await kept("readonly", (store) => store.getAll()))
      .filter((one) => one.helper === helper)
      .sort((a, b) => (a.body.recorded_at < b.body.recorded_at ? -1 : 1));

  async function shelve(list) {
    if (!("caches" in window)) return;
    const shelf = await caches.open(SHELF);
    await shelf.put(LIST, new Response(JSON.stringify({ helper, skew_ms, list })));
  }

  /** The page itself and all that it is made of, so that it opens without network. */
  async function shelvePage() {
    if (!("serviceWorker" in navigator)) return;
    await navigator.serviceWorker.register(root.dataset.worker, { scope: location.pathname });
    await navigator.serviceWorker.ready;
    const parts = [...document.querySelectorAll("link[href], script[src]")].map((one) => one.href || one.src);
    await (await caches.open(SHELF)).addAll([location.pathname, ...new Set(parts)]);
    root.dataset.ready = "yes";
  }

  async function onShelf() {
    const found = "caches" in window && (await caches.match(LIST, { cacheName: SHELF }));
    return found ? found.json() : null;
  }

  async function fromShelf() {
    const known = await onShelf();
    if (!known) return forget("none-kept");
    const why = whyNot(known);
    return why ? forget(why) : known;
  }

  /** Why a list that was kept is to be kept no longer; empty while it is. */
  function whyNot(known) {
    const now = Date.now() + known.skew_ms;
    if (known.helper !== helper) return "none-kept";
    if (now >= Date.parse(known.list.ends_at)) return "over";
    return now - Date.parse(known.list.now) > KEPT_MS ? "too-long" : "";
  }

  /** No name stays on the phone or on the screen. The page, and what waits to be sent, have none and stay. */
  async function forget(why) {
    if ("caches" in window) await (await caches.open(SHELF)).delete(LIST);
    shown.clear();
    root.querySelector("[data-people]").replaceChildren();
    root.querySelector("[data-nobody]").hidden = true;
    await count();
    say(why);
  }

  async function fade() {
    const known = await onShelf();
    const why = known && whyNot(known);
    if (why) await forget(why);
  }

  /* --- the list ----------------------------------------------------------------------------------------------------- */

  async function load() {
    let known = null;
    try {
      const answer = await fetch(LIST, { signal: AbortSignal.timeout(LIMIT_MS), headers: { Accept: "application/json" } });
      if (answer.status === 401 || answer.status === 403) return forget("signed-out");
      if (answer.ok) {
        const body = await answer.json();
        if (!("list" in body)) known = fresh(body); // else the worker has answered with what is on the shelf
      }
    } catch {
      known = null;
    }
    known ??= await fromShelf();
    if (!known) return;
    skew_ms = known.skew_ms;
    month = known.list.month;
    await show(known.list);
    say(known.isFresh ? "" : "from-shelf");
    if (known.isFresh) {
      await shelve(known.list);
      await shelvePage();
    }
  }

  function fresh(list) {
    return { helper, skew_ms: Date.parse(list.now) - Date.now(), list, isFresh: true };
  }

  async function show(list) {
    shown.clear();
    const open = list.people.filter((line) => !line.outcome);
    const done = list.people.filter((line) => line.outcome);
    const cards = [...open, ...done].map(cardOf);
    root.querySelector("[data-people]").replaceChildren(...cards);
    root.querySelector("[data-nobody]").hidden = cards.length > 0;
    for (const record of await waiting()) mark(record);
    count();
  }

  const keyOf = (one) => `${one.person_id} ${one.month}`;

  function cardOf(line) {
    const card = document.getElementById("person").content.firstElementChild.cloneNode(true);
    const put = (name, text) => (card.querySelector(`[data-${name}]`).textContent = text);
    put("name", line.name || words.unnamed);
    const where = [line.enterprise_name, line.area_name].filter(Boolean).join(" · ");
    put("where", line.is_employed ? where : [words.unemployed, where && `${words.last} ${where}`].filter(Boolean).join(" · "));
    card.querySelector("[data-earlier]").hidden = line.month === month;
    put("earlier-month", line.month.slice(0, 7));
    const call = card.querySelector("[data-call]");
    if (line.phone) call.href = `tel:${line.phone}`;
    else call.remove();
    card.querySelector("[data-call-whom]")?.append(line.name);
    for (const input of card.querySelectorAll("[data-finding]")) input.dataset.person = line.person_id;
    card.querySelector("[data-finding=same]").disabled = !line.area_code;
    for (const [name, code] of [["same-city", line.area_code], ["home-county", line.home_code]]) {
      const place = card.querySelector(`[data-${name}]`);
      if (code) place.dataset.area = code;
      else place.remove();
    }
    shown.set(keyOf(line), { card, line });
    state(card, line, false);
    return card;
  }

  /** How a card stands: open, done and as what, and whether that still waits to be sent. */
  function state(card, line, isWaiting) {
    card.classList.toggle("done", Boolean(line.outcome));
    card.classList.toggle("waiting", isWaiting);
    const badge = card.querySelector("[data-state]");
    badge.textContent = line.outcome ? words.findings[line.outcome] : line.tries ? words.tried : words.open;
    badge.className = `badge ${isWaiting ? "warn" : line.outcome ? "good" : "wait"}`;
    for (const button of card.querySelectorAll("[data-finding]"))
      button.setAttribute("aria-pressed", String(button.dataset.finding === line.outcome));
  }

  /** The day of an instant, as China counts it. */
  const dayOf = (at) => new Date(Date.parse(at) + CHINA_MS).toISOString().slice(0, 10);

  /** What a record makes of a card, as the service will count it: who was reached on a day was not missed on it. */
  function mark(record) {
    const found = shown.get(keyOf(record.body));
    if (!found) return;
    const { line } = found;
    const { outcome, tried_at } = record.body;
    const [day, isReached] = [dayOf(tried_at), outcome !== "not_reached"];
    const days = isReached ? line.reached_on : line.failed_on;
    if (!days.includes(day)) days.push(day);
    line.tries = line.failed_on.filter((one) => !line.reached_on.includes(one)).length;
    if (isReached) line.outcome = outcome;
    else if (!line.reached_on.includes(day)) line.outcome = line.tries < TRIES ? null : outcome;
    state(found.card, line, true);
  }

  async function count() {
    const lines = [...shown.values()].map((one) => one.line);
    const done = lines.filter((line) => line.outcome).length;
    root.querySelector("[data-done]").textContent = done;
    root.querySelector("[data-total]").textContent = lines.length;
    const bar = root.querySelector("progress");
    [bar.max, bar.value] = [lines.length || 1, done];
    const all = await waiting();
    const refused = all.filter((one) => one.error);
    tell("waiting", all.length - refused.length);
    tell("refused", refused.length);
    root.querySelector("[data-refused-list]").replaceChildren(...refused.map(refusal));
  }

  function tell(what, number) {
    const place = root.querySelector(`[data-${what}]`);
    place.hidden = number === 0;
    place.querySelector("[data-count]").textContent = number;
  }

  function refusal(record) {
    const line = document.createElement("li");
    const who = shown.get(keyOf(record.body))?.line.name || words.unnamed;
    const english = document.documentElement.lang === "en";
    const { fault_zh, fault_en, mend_zh, mend_en } = record.error;
    line.textContent = `${who} ${words.findings[record.body.outcome]}: ${english ? `${fault_en}. ${mend_en}.` : `${fault_zh}。${mend_zh}。`} `;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small";
    button.textContent = words.understood;
    button.addEventListener("click", async () => {
      await drop(record.record_id);
      await load();
    });
    line.append(button);
    return line;
  }

  function say(what) {
    for (const notice of root.querySelectorAll("[data-says]")) notice.hidden = notice.dataset.says !== what;
  }

  /* --- recording ---------------------------------------------------------------------------------------------------- */

  root.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const card = button?.closest("[data-card]");
    if (!card) return;
    if (button.dataset.finding) choose(card, button);
    else if (button.dataset.outcome) make(card, button.dataset);
    else if ("cancel" in button.dataset) choose(card, null);
  });

  /** The first tap: show what the second can be. */
  function choose(card, chosen) {
    for (const other of root.querySelectorAll("[data-second]")) other.hidden = true;
    for (const other of root.querySelectorAll("[data-finding]")) other.setAttribute("aria-expanded", "false");
    if (!chosen) return;
    const second = card.querySelector(`[data-second=${chosen.dataset.finding}]`);
    second.hidden = false;
    chosen.setAttribute("aria-expanded", "true");
    second.querySelector("button").focus({ preventScroll: true });
    second.scrollIntoView({ block: "nearest" });
  }

  /** The second tap: it is made once it is on the disk. */
  async function make(card, { outcome, area, wage }) {
    const found = [...shown.values()].find((one) => one.card === card);
    const { line } = found;
    const at = new Date(Date.now() + skew_ms).toISOString();
    const body = { record_id: crypto.randomUUID(), person_id: line.person_id, month: line.month, outcome, tried_at: at, recorded_at: at };
    if (outcome === "same") Object.assign(body, { enterprise_id: line.enterprise_id, area_code: line.area_code, wage_band: wage || null });
    if (outcome === "changed") body.area_code = area;
    const record = { record_id: body.record_id, helper, body };
    choose(card, null);
    try {
      await keep(record);
    } catch {
      return say("not-kept");
    }
    mark(record);
    await count();
    card.querySelector("[data-finding]").focus({ preventScroll: true });
    send();
  }

  async function send() {
    if (!navigator.locks) return sendAll();
    // Two tabs of one phone take turns; were they not to, the ids would still make one record of two.
    return navigator.locks.request("zhida-records", { ifAvailable: true }, (lock) => lock && sendAll());
  }

  async function sendAll() {
    for (let batch = await next(); batch.length > 0; batch = await next()) {
      const results = await post(batch.map((one) => one.body));
      if (!results) break;
      for (const result of results) await settle(batch.find((one) => one.record_id === result.record_id), result);
      await count();
    }
  }

  const next = async () => (await waiting()).filter((one) => !one.error).slice(0, BATCH);

  async function post(bodies) {
    try {
      const answer = await fetch(RECORDS, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": CSRF },
        body: JSON.stringify({ records: bodies }),
        signal: AbortSignal.timeout(LIMIT_MS),
      });
      if (answer.status === 401) await forget("signed-out");
      if (answer.status === 403) say("signed-out"); // or this page is of an earlier signing in: the list says which
      return answer.ok ? (await answer.json()).results : null;
    } catch {
      return null; // no network, or too slow: it is sent again
    }
  }

  async function settle(record, result) {
    if (result.result === "refused") return keep({ ...record, error: result.error });
    await drop(record.record_id);
    const found = shown.get(keyOf(record.body));
    if (found) {
      state(found.card, found.line, false);
      const shelf = await onShelf();
      const line = shelf && shelf.list.people.find((one) => keyOf(one) === keyOf(record.body));
      if (line) {
        const { outcome, tries, reached_on, failed_on } = found.line;
        Object.assign(line, { outcome, tries, reached_on, failed_on });
        await shelve(shelf.list);
      }
    }
  }

  window.addEventListener("online", async () => {
    await send();
    await load();
  });
  setInterval(send, RETRY_MS);
  setInterval(fade, LOOK_MS);
  load().then(send);
})();
