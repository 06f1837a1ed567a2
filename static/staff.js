// What staff pages do better with. Nothing here is needed: every button works without.

const TYPING = "input:not([type=checkbox], [type=radio], [type=submit]), textarea, select";
const EVERY = 20_000; // milliseconds between two looks at what is new
const PAUSE = 700; // after the last key, before what was typed is saved
const LONGEST_WAIT = 3_000; // of a button, for that

// One key: "/" leads to the search, the others press the button that names them. They type where somebody
// is typing, and can be switched off (a key pressed by chance, or by voice, must do nothing).
const keysAreOff = () => localStorage.getItem("keys") === "off";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || keysAreOff()) return;
  if (event.target.isContentEditable || event.target.closest?.(TYPING)) return;
  if (event.key === "/") {
    const find = document.getElementById("find");
    if (!find) return;
    event.preventDefault();
    find.focus(); // in Firefox selecting does not
    find.select();
    return;
  }
  const button = document.querySelector(`button[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!button || button.disabled) return;
  event.preventDefault();
  button.click();
});

for (const button of document.querySelectorAll("button.keys")) {
  const say = () => {
    button.textContent = keysAreOff() ? "Keys off" : "Keys on";
    button.title = "Single keys press the buttons that name them";
    document.documentElement.classList.toggle("no-keys", keysAreOff());
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    localStorage.setItem("keys", keysAreOff() ? "on" : "off");
    say();
  });
  say();
}

// A page keeps itself current: what is marked as live is replaced where it has changed, row by row, without
// moving the focus or the scroll; the title of the tab follows.
const live = document.querySelectorAll("[data-live]");

function replaceChanged(old, fresh) {
  const rows = old.querySelectorAll(":scope tr[id]");
  const sameRows = rows.length && rows.length === fresh.querySelectorAll("tr[id]").length
    && [...rows].every((row, place) => row.id === fresh.querySelectorAll("tr[id]")[place].id);
  if (sameRows) {
    for (const row of rows) {
      const now = fresh.querySelector(`#${CSS.escape(row.id)}`);
      if (row.innerHTML !== now.innerHTML) keepFocus(row, () => { row.innerHTML = now.innerHTML; });
    }
  } else if (old.innerHTML !== fresh.innerHTML) {
    keepFocus(old, () => { old.innerHTML = fresh.innerHTML; });
  }
}

function keepFocus(part, change) {
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  const { scrollX, scrollY } = window;
  change();
  if (focused) theSame(focused, part)?.focus({ preventScroll: true });
  window.scrollTo(scrollX, scrollY);
}

// What stands for it after a change: what has its id, or leads where it led.
function theSame(focused, part) {
  if (focused.id) return document.getElementById(focused.id);
  return [...part.querySelectorAll("a[href]")].find((link) => link.href === focused.href);
}

const withoutTokens = (part) => {
  for (const token of part.querySelectorAll("input[name=csrfmiddlewaretoken]")) token.setAttribute("value", "");
  return part;
};

async function refresh() {
  const said = document.getElementById("current");
  try {
    const response = await fetch(location.href, { headers: { "X-Refresh": "1" }, cache: "no-store" });
    if (response.status === 405) return clearInterval(clock); // the answer to a form has no address of its own
    if (!response.ok || response.redirected) throw new Error();
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    document.title = page.title; // of a tab in the background too: that is where the title is read
    const given = page.querySelector("input[name=csrfmiddlewaretoken]")?.value;
    for (const old of document.querySelectorAll("[data-live]")) {
      const fresh = page.getElementById(old.id);
      if (!fresh) continue;
      const mine = withoutTokens(old.cloneNode(true));
      if (mine.innerHTML !== withoutTokens(fresh).innerHTML) replaceChanged(old, fresh);
    }
    // Whoever has logged in again, in another tab, has another.
    for (const input of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) input.value = given;
    if (said) said.textContent = "";
  } catch {
    if (said) said.textContent = "This page cannot be brought up to date at the moment. Reload it, or log in again.";
  }
}

let clock = null;
if (live.length) {
  clock = setInterval(refresh, EVERY);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
}

// Half a minute to take something back.
for (const bar of document.querySelectorAll("#undo")) {
  const ends = Date.now() + Number(bar.dataset.seconds) * 1000;
  const tick = () => {
    const left = Math.ceil((ends - Date.now()) / 1000);
    if (left > 0) {
      bar.querySelector(".seconds").textContent = `within ${left} s`;
      setTimeout(tick, 250);
    } else {
      bar.hidden = true;
    }
  };
  tick();
}

// Answers are saved as they are typed.
const answers = [...document.querySelectorAll("[data-save] textarea")].map(
  (field) => keep(field, field.closest("[data-save]").dataset.save),
);

// A button waits for what is being saved: it may end the call, and with it the writing. And a form with
// words in it waits while its sender is logged out, since the login would lose them.
let waits = false;
let goesOn = false;

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const open = answers.filter((answer) => answer.isOpen());
  const hasWords = holdsWords(form);
  if (goesOn || !(open.length || hasWords)) return;
  event.preventDefault();
  if (waits) return;
  waits = true;
  const long = new Promise((resolve) => { setTimeout(resolve, LONGEST_WAIT); });
  await Promise.race([long, Promise.all(open.map((answer) => answer.save()))]);
  const stays = hasWords && await Promise.race([long, isLoggedOut()]);
  waits = false;
  if (stays) return sayLoggedOut(form);
  if (hasWords && token()) form.elements.csrfmiddlewaretoken.value = token();
  goesOn = true; // what could not be saved is asked about before the page is left
  form.requestSubmit(event.submitter);
  goesOn = false;
});

function holdsWords(form) {
  if (form.method !== "post" || !form.closest(".request-page, .new-request, .page-writing, .publishing")) return false;
  return [...form.querySelectorAll("textarea, input:not([type=hidden], [type=checkbox])")].some((field) => field.value);
}

async function isLoggedOut() {
  try {
    return (await fetch(location.href, { method: "HEAD", headers: { "X-Refresh": "1" }, cache: "no-store" })).redirected;
  } catch {
    return false; // the sending itself says what is wrong
  }
}

function sayLoggedOut(form) {
  const said = form.querySelector(".refusal") ?? form.appendChild(document.createElement("p"));
  said.className = "refusal";
  said.setAttribute("role", "alert");
  said.textContent = "You are logged out, and nothing was sent. What you wrote stays here: log in in another tab, then press again.";
}

// Read anew each time: whoever logs in again, in another tab, has another.
const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]*)/)?.[1] ?? "";

function keep(field, address) {
  const said = field.parentElement.querySelector(".saved");
  let timer = null;
  let saving = null;
  let stored = field.value;
  const isOpen = () => field.value !== stored;
  const grow = () => {
    field.rows = Math.min(Math.max(field.value.split("\n").length, Math.ceil(field.value.length / 70), 1), 12);
  };
  const later = (pause) => {
    clearTimeout(timer);
    timer = setTimeout(save, pause);
  };
  field.addEventListener("input", () => { grow(); later(PAUSE); });
  field.addEventListener("blur", () => { if (isOpen()) later(0); });
  window.addEventListener("beforeunload", (event) => { if (isOpen()) event.preventDefault(); });
  grow();
  return { isOpen, save };

  async function save() {
    while (saving) await saving;
    if (field.dataset.clash || !isOpen()) return;
    saving = send();
    await saving;
  }

  async function send() {
    const text = field.value;
    const body = new URLSearchParams({ question: field.dataset.question, text, edits: field.dataset.edits });
    try {
      const response = await fetch(address, {
        method: "POST", body, headers: { "X-CSRFToken": token() }, keepalive: text.length < 15_000,
      });
      if (response.redirected) throw new Error();
      const answer = await response.json();
      if (response.ok) {
        field.dataset.edits = answer.edits;
        stored = text;
        said.textContent = "Saved";
      } else if ("theirs" in answer) {
        showBoth(answer);
      } else {
        said.textContent = answer.words;
      }
    } catch {
      said.textContent = "Not saved yet. What you wrote stays here; it is tried again. If your session has ended, log in again in another tab.";
      later(5_000);
    }
    saving = null;
    if (isOpen() && !field.dataset.clash && said.textContent === "Saved") later(PAUSE);
  }

  function showBoth(answer) {
    field.dataset.clash = "1";
    said.textContent = answer.words;
    const theirs = document.createElement("blockquote");
    theirs.textContent = answer.theirs || "(nothing: it was deleted)";
    const both = document.createElement("button");
    both.type = "button";
    both.textContent = "Put both together";
    both.addEventListener("click", () => {
      field.value = [answer.theirs, field.value].filter(Boolean).join("\n\n");
      field.dataset.edits = answer.edits;
      delete field.dataset.clash;
      theirs.remove();
      both.remove();
      said.textContent = "";
      grow();
      field.focus();
      later(0);
    });
    said.after(theirs, both);
  }
}

// A code is good once: a second click would send it again before the answer to the first, and be refused.
const ONE_CLICK = 3_000; // milliseconds
const sentAt = new WeakMap();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.querySelector("input[autocomplete=one-time-code]")) return;
  if (event.timeStamp - sentAt.get(form) < ONE_CLICK) event.preventDefault();
  else sentAt.set(form, event.timeStamp);
});
