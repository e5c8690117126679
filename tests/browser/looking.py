"""What can be measured of a page without taste: who can read it, reach it, and see it whole on a small screen."""

from playwright.sync_api import Page

_CHECK = """() => {
  const faults = [];
  const say = (what, element) => faults.push(`${what}: ${element.outerHTML.slice(0, 140)}`);
  const shown = (element) => element.checkVisibility({ visibilityProperty: true });
  const words = (element) => (element.innerText || element.textContent || "").trim();
  const byIds = (ids) => (ids || "").split(/\\s+/).filter(Boolean).map((id) => document.getElementById(id));
  const nameOf = (element) =>
    element.getAttribute("aria-label") || byIds(element.getAttribute("aria-labelledby")).map(words).join(" ") ||
    [...(element.labels || [])].map(words).join(" ") || words(element) || element.getAttribute("title") || "";

  if (!["zh-CN", "en"].includes(document.documentElement.lang)) say("no language", document.documentElement);
  if (!document.title.trim()) faults.push("no title");
  const headings = [...document.querySelectorAll("h1")].filter(shown);
  if (headings.length !== 1) faults.push(`${headings.length} headings of the first rank`);
  let rank = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3, h4")) {
    if (!shown(heading)) continue;
    const own = Number(heading.tagName[1]);
    if (own > rank + 1) say(`a heading skips from ${rank} to ${own}`, heading);
    if (!words(heading)) say("an empty heading", heading);
    rank = own;
  }
  for (const landmark of ["header", "main", "footer"])
    if (document.querySelectorAll(`body > ${landmark}`).length !== 1) faults.push(`not one ${landmark}`);
  for (const nav of document.querySelectorAll("nav")) if (!nav.getAttribute("aria-label")) say("a nav without name", nav);
  for (const region of document.querySelectorAll("section"))
    if (shown(region) && !nameOf(region)) say("a region without name", region);
  for (const control of document.querySelectorAll("input:not([type=hidden]), select, textarea, button, a[href], summary"))
    if (shown(control) && !nameOf(control).trim()) say("a control without name", control);
  for (const image of document.querySelectorAll("img:not([alt])")) say("an image without alt", image);
  for (const table of document.querySelectorAll("table"))
    for (const head of table.querySelectorAll("thead th:not([scope])")) say("a column's head without scope", head);
  const seen = new Set();
  for (const { id } of document.querySelectorAll("[id]"))
    seen.has(id) ? faults.push(`the id ${id} twice`) : seen.add(id);
  for (const pointing of document.querySelectorAll("[aria-describedby], [aria-labelledby], label[for]"))
    for (const name of ["aria-describedby", "aria-labelledby", "for"])
      for (const id of (pointing.getAttribute(name) || "").split(/\\s+/).filter(Boolean))
        if (!document.getElementById(id)) say(`${name} points to nothing (${id})`, pointing);
  for (const element of document.querySelectorAll("[tabindex]"))
    if (element.tabIndex > 0) say("a tabindex that breaks the order", element);
  for (const element of document.querySelectorAll("[style], [onclick], [onchange], [onsubmit]"))
    if (!element.closest(".map-canvas")) say("style or script in the markup", element);
  if (document.documentElement.scrollWidth > innerWidth)
    faults.push(`wider than the screen: ${document.documentElement.scrollWidth} > ${innerWidth}`);
  return faults;
}"""

_CONTRAST = """() => {
  const faults = [];
  const parse = (text) => { const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number); return { r, g, b, a }; };
  const channel = (value) => { const s = value / 255; return s <= 0.03928 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4; };
  const light = ({ r, g, b }) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at), colour = parse(style.backgroundColor);
      if (style.backgroundImage !== "none") return null;
      if (colour.a === 1) return colour;
    }
    return { r: 255, g: 255, b: 255 };
  };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (element.closest(".visually-hidden, .map-canvas, [disabled], :disabled, [aria-hidden=true]")) continue;
    const style = getComputedStyle(element), behind = ground(element);
    if (!behind) continue;
    const [a, b] = [light(parse(style.color)), light(behind)].sort((x, y) => y - x);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 600);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (large ? 3 : 4.5)) faults.push(`${ratio.toFixed(2)} ${element.outerHTML.slice(0, 110)}`);
  }
  return [...new Set(faults)];
}"""


def faults_of(page: Page) -> list[str]:
    """Why somebody would not get along with a page: names, headings, landmarks, order, width."""
    found: list[str] = page.evaluate(_CHECK)
    return found


def faint_words_of(page: Page) -> list[str]:
    """Words with less contrast than WCAG AA asks for (4.5, large ones 3), each with its ratio."""
    found: list[str] = page.evaluate(_CONTRAST)
    return found


PAINTED = """() => {
  const colours = new Set();
  for (const canvas of document.querySelectorAll(".map canvas")) {
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    for (let i = 0; i < pixels.length; i += 4)
      if (pixels[i + 3] === 255) colours.add((pixels[i] << 16) | (pixels[i + 1] << 8) | pixels[i + 2]);
  }
  return colours.size;
}"""
"""How many colours the map's canvases show: blank ones show none, the bare outlines a handful."""
