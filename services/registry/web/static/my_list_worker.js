/* Answers in the network's place on a helper's list, with what my_list.js put on the shelf; puts nothing there itself, and
   clears it where the service says that nobody is signed in: it asks for that, or sends to where one signs in. */
"use strict";

const SHELF = "zhida-my-list";
const PATIENCE_MS = 5000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (event.request.method === "GET") event.respondWith(answer(event.request));
});

async function answer(request) {
  const kept = await caches.match(request, {
    cacheName: SHELF,
    ignoreVary: true,
    ignoreSearch: request.mode === "navigate",
  });
  if (!kept) return asked(request);
  const tooSlow = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, kept.clone()));
  return Promise.race([asked(request), tooSlow]).catch(() => kept);
}

async function asked(request) {
  const answer = await fetch(request);
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) await caches.delete(SHELF);
  return answer;
}
