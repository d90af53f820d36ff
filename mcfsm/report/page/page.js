"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const make = (tag, text, kind) => {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (kind) made.className = kind;
  return made;
};

// figures are made when they are looked at: four hundred of them would be slow
const draw = (place, svg, what) => {
  if (place.firstChild) return;
  const image = make("img");
  image.alt = what;
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(svg);
  place.append(image);
};

// one step of a flow: what it changes, and what every promise says of the state behind it
const stepper = (finding) => {
  const flow = data.flows[finding.id], place = finding.querySelector(".stepper");
  if (place.firstChild) return;
  const lines = finding.querySelectorAll(".steps > li");
  const back = make("button", "Back"), on = make("button", "Step"), said = make("p"), state = make("table"), rows = make("tbody");
  const promises = make("p");
  said.setAttribute("aria-live", "polite");
  back.type = on.type = "button";
  state.append(rows);
  place.append(back, " ", on, said, promises, state);
  let now = flow.length - 1;
  const show = () => {
    const values = new Map(), standing = new Map();
    for (let i = 0; i <= now; i++) {
      for (const [name, value] of flow[i].changed) values.set(name, value);
      for (const [name, value] of flow[i].standings) standing.set(name, value);
    }
    const fresh = new Set(flow[now].changed.map(([name]) => name));
    said.textContent = now ? `Step ${now} of ${flow.length - 1}: ${flow[now].sentence}` : "The beginning.";
    const told = (kind) => [...standing].filter(([, value]) => value === kind).map(([name]) => name).join(", ");
    promises.replaceChildren(make("span", told("broken") ? `Broken here: ${told("broken")}. ` : "No promise on states is broken here. ", told("broken") ? "broken" : ""),
      make("span", told("waits") ? `Still waiting: ${told("waits")}.` : ""));
    rows.replaceChildren(...[...values].filter(([name]) => now === 0 || fresh.has(name) || flow.some((one, i) => i && one.changed.some(([other]) => other === name))).map(([name, value]) => {
      const row = make("tr", undefined, fresh.has(name) && now ? "new" : "");
      row.append(make("td", name), make("td", value));
      return row;
    }));
    lines.forEach((line, i) => line.classList.toggle("now", i === now - 1));
    back.disabled = now === 0;
    on.disabled = now === flow.length - 1;
    finding.dataset.step = now;
  };
  const go = (by) => { now = Math.min(flow.length - 1, Math.max(0, now + by)); show(); };
  back.addEventListener("click", () => go(-1));
  on.addEventListener("click", () => go(1));
  finding.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by) { event.preventDefault(); go(by); }
  });
  show();
};
const look = (finding) => { draw(finding.querySelector(".figure"), data.figures[finding.id], finding.querySelector("summary").textContent.trim()); stepper(finding); };
for (const finding of document.querySelectorAll(".finding")) finding.addEventListener("toggle", () => { if (finding.open) look(finding); });
for (const role of document.querySelectorAll(".role")) role.addEventListener("toggle", () => draw(role.querySelector(".figure"), data.roles[role.dataset.role], role.querySelector("summary").textContent));

// a link into a part that is closed opens it
const arrive = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let part = target; part; part = part.parentElement) { if (part.tagName === "DETAILS") part.open = true; part.hidden = false; }
  target.scrollIntoView();
};
addEventListener("hashchange", arrive);
arrive();

// filters
const words = document.getElementById("words"), boxes = [...document.querySelectorAll("input[name=status]")];
const findings = [...document.querySelectorAll(".finding")], rows = [...document.querySelectorAll("#grid tbody tr")];
const filter = () => {
  const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean), statuses = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
  const fits = (one) => wanted.every((word) => one.dataset.words.toLowerCase().includes(word));
  for (const row of rows) {
    row.hidden = !fits(row);
    for (const cell of row.querySelectorAll("td[data-status]")) cell.classList.toggle("dim", !statuses.has(cell.dataset.status));
  }
  let count = 0;
  for (const finding of findings) { finding.hidden = !(fits(finding) && statuses.has("VIOLATED")); count += !finding.hidden; }
  document.getElementById("shown").textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} scenarios, ${count} of ${findings.length} flows`;
};
words.addEventListener("input", filter);
boxes.forEach((box) => box.addEventListener("change", filter));
addEventListener("keydown", (event) => { if (event.key === "/" && document.activeElement !== words) { event.preventDefault(); words.focus(); } });
filter();

// light, dark, or what the reader's system says
document.getElementById("theme").addEventListener("click", () => {
  const root = document.documentElement, dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});
document.documentElement.dataset.ready = "yes";
