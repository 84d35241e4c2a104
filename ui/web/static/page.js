/* The page's own script: asks and shows, and keeps store and conversation in the address. */
window.storewise = (() => {
  "use strict";
  const RETRY = 2500; // ms until a conversation that did not come is asked for again
  const ASKED = "storewise-asked", TYPED = "storewise-typed"; // kept in the tab
  const THREAD = /^[\w-]{1,64}$/; // what the server takes for the name of a conversation
  const { element, patch, put, fill, replace } = window.storewiseDraw;
  const colours = window.storewiseColours;
  const byId = (id) => document.getElementById(id);
  const newThread = () => crypto.getRandomValues(new Uint32Array(3)).reduce((text, n) => text + n.toString(36), "");

  let trigger = null;
  let draft = newThread(); // the conversation that begins with the next question
  let here = null; // {store, thread} as last shown by the server
  let working = false;
  let waiting = 0;
  let asked = 0; // questions put from here: what the server said before it had the last one is old

  /* Where we are */

  function place() {
    const query = new URLSearchParams(location.search);
    const thread = query.get("c") ?? "";
    return { store: query.get("store") || here?.store || "", thread: THREAD.test(thread) ? thread : draft, asked };
  }

  function go(shop, thread, view = "chat") {
    const query = new URLSearchParams();
    if (shop) query.set("store", shop);
    if (thread) query.set("c", thread);
    if (view !== "chat") query.set("view", view);
    history.pushState(null, "", query.size ? `?${query}` : location.pathname);
    arrive();
  }

  function arrive() {
    const view = new URLSearchParams(location.search).get("view") === "import" ? "import" : "chat";
    document.body.dataset.page = view;
    document.title = view === "import" ? "Import data · Storewise" : "Storewise";
    const { store: shop, thread } = place();
    if (here && (here.thread !== thread || here.store !== shop)) clear();
    open();
    if (here) look();
    closeSide();
  }

  function clear() {
    for (const id of ["turns", "live", "greeting"]) {
      byId(id).replaceChildren();
      byId(id).drawn = "";
    }
    here = null;
    setWorking(false);
  }

  const isHere = (said) =>
    said.asked >= asked && said.thread === place().thread && (!place().store || said.store === place().store);

  /* To the server */

  /* Gradio may build its parts anew, for instance when the sidebar opens: then there is nothing new to arrive at. */
  function attach(given) {
    const first = !trigger;
    trigger = given;
    if (first) arrive();
    else open();
  }

  function open(tries = 5) {
    if (!trigger) return;
    trigger("open", place());
    clearTimeout(waiting);
    if (tries && !here) waiting = setTimeout(() => open(tries - 1), RETRY);
  }

  /* An import under way, or the last report: once the server answers, as what is said before may get lost. */
  function look() {
    if (document.body.dataset.page === "import") trigger("look", place());
  }

  function ask(text) {
    if (!text.trim() || working) return;
    const { store: shop, thread } = place();
    const query = new URLSearchParams(location.search);
    if (query.get("c") !== thread) {
      query.set("c", thread);
      if (shop) query.set("store", shop);
      history.replaceState(null, "", `?${query}`);
    }
    setWorking(true);
    const question = element("h2", "question", text);
    const answer = element("div", "answer waiting");
    answer.innerHTML = '<p class="working"><span class="pulse"></span>Reading the question</p>';
    replace(byId("greeting"), "");
    byId("live").replaceChildren(question, answer);
    byId("live").scrollIntoView({ block: "end", behavior: "smooth" });
    remember(ASKED, { thread, text });
    asked += 1;
    trigger("ask", { store: shop, thread, asked, text });
  }

  /* What stands in the box. */
  function send() {
    const text = byId("question").value;
    if (!text.trim() || working) return;
    type("");
    ask(text);
  }

  /* A question is kept in the tab until the server has it, and so is what is being typed: where the server is gone and
     the page loads anew, the words are put back into the box. */
  function remember(key, value) {
    try {
      if (value) sessionStorage.setItem(key, JSON.stringify(value));
      else sessionStorage.removeItem(key);
    } catch { /* private windows may refuse */ }
  }

  function remembered(key) {
    try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; }
  }

  function putBack(thread) {
    if (!byId("question")) return setTimeout(() => putBack(thread), 50); // Gradio builds it in its own time
    const asked = remembered(ASKED);
    const text = asked?.thread === thread ? asked.text : remembered(TYPED);
    remember(ASKED, null);
    if (text && !working && !byId("question").value) type(text);
  }

  function stop() {
    if (!working) return;
    const answer = byId("live").querySelector(".answer");
    if (answer) answer.innerHTML = '<p class="note">Stopped.</p>';
    setWorking(false);
    focusQuestion();
    trigger("halt", place());
  }

  function forget(thread) {
    const current = place();
    if (current.thread === thread) {
      draft = newThread();
      history.replaceState(null, "", current.store ? `?store=${encodeURIComponent(current.store)}` : location.pathname);
      clear();
    }
    trigger("forget", { ...place(), gone: thread });
  }

  /* From the server */

  function show(json) {
    const said = json && JSON.parse(json);
    if (!said || !isHere(said)) return;
    clearTimeout(waiting);
    const first = !here;
    here = { store: said.store, thread: said.thread };
    patch(byId("turns"), said.turns);
    for (const part of ["greeting", "bar", "stores", "threads"]) replace(byId(part), said[part]);
    if (first) look();
    if (first) putBack(said.thread);
    if (first && said.turns.length) byId("turns").lastElementChild.scrollIntoView({ block: "start" });
  }

  function follow(json) {
    const said = json && JSON.parse(json);
    if (!said || !isHere(said)) return;
    if (said.refused) return refuse(said);
    if (said.html) remember(ASKED, null);
    const live = byId("live");
    if (said.key) {
      const turn = put(byId("turns"), said.key, said.html);
      live.replaceChildren();
      turn.scrollIntoView({ block: "start", behavior: "smooth" });
    } else if (said.html) {
      fill(live, said.html);
      if (said.working) live.scrollIntoView({ block: "end" });
    } else {
      live.replaceChildren();
    }
    if (said.say) byId("said").textContent = said.say;
    if (working && !said.working) focusQuestion();
    setWorking(said.working);
  }

  function refuse(said) {
    asked = said.asked - 1; // it was not taken: the question before goes on
    const note = element("div", "failed", "");
    note.setAttribute("role", "alert");
    note.append(element("p", "", said.refused));
    byId("live").replaceChildren(note);
    setWorking(false);
    const box = byId("question");
    if (box && !box.value) type(said.text);
  }

  /* Buttons in what was drawn */

  /* Gradio's own: not by its events, which don't come while the server is gone. */
  const BUTTONS = { send, stop, new: fresh, "go-import": () => view("import") };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("#send, #stop, #new, #go-import");
    if (button) BUTTONS[button.id]();
    const target = event.target.closest?.("[data-ask],[data-again],[data-copy],[data-open],[data-forget],[data-view],[data-enter],.sort,.skip");
    if (event.target.closest?.("#import-go")) byId("outcome").scrollIntoView({ behavior: "smooth", block: "end" });
    if (event.target.closest?.(".sidebar .toggle-button")) document.body.toggleAttribute("data-side");
    if (!target) return closeMenus(event.target);
    const data = target.dataset;
    if (target.matches(".skip")) {
      event.preventDefault(); // the page has a <base>, so that "#question" alone would leave it
      byId("question").focus();
    } else if (target.matches(".sort")) window.storewiseTables.sort(target.closest("th"));
    else if ("ask" in data) ask(data.ask);
    else if ("again" in data) again(target);
    else if ("copy" in data) copy(target);
    else if ("forget" in data) confirmForget(target);
    else if ("view" in data) view(data.view);
    else if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    else {
      event.preventDefault();
      if ("open" in data) go(here?.store ?? place().store, data.open);
      else enter(data.enter);
    }
  });

  function closeMenus(target) {
    document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(target)) menu.open = false; });
  }

  async function again(button) {
    const outcome = button.parentElement.querySelector(".outcome");
    button.disabled = true;
    outcome.textContent = "Running…";
    try {
      const reply = await fetch(button.dataset.again, { method: "POST" });
      const said = reply.ok ? await reply.json() : { same: false, said: "This could not be run: the answer is gone." };
      outcome.textContent = said.said;
      outcome.dataset.same = said.same;
    } catch {
      outcome.textContent = "The server can’t be reached.";
      outcome.dataset.same = false;
    }
    button.disabled = false;
  }

  async function copy(button) {
    const text = button.parentElement.querySelector("code").textContent;
    const before = button.textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select and copy";
    }
    setTimeout(() => { button.textContent = before; }, 1800);
  }

  function confirmForget(button) {
    const title = button.closest("li").querySelector(".title").textContent;
    const dialog = element("dialog", "confirm");
    dialog.innerHTML = '<form method="dialog"><h2>Delete this conversation?</h2><p></p><div class="actions">' +
      '<button value="no" autofocus>Keep it</button><button value="yes" class="alarm">Delete</button></div></form>';
    dialog.querySelector("p").textContent = `“${title}” and its answers will be gone for good.`;
    dialog.addEventListener("close", () => {
      if (dialog.returnValue === "yes") forget(button.dataset.forget);
      dialog.remove();
    });
    document.body.append(dialog);
    closeMenus(document.body);
    dialog.showModal();
  }

  function view(name) {
    const query = new URLSearchParams(location.search);
    go(here?.store ?? query.get("store"), query.get("c"), name);
  }

  function enter(shop) {
    draft = newThread();
    go(shop, "");
  }

  /* An import has ended: its report is to be read, and there may be a store more to choose. */
  function imported() {
    byId("outcome").scrollIntoView({ behavior: "smooth", block: "start" });
    open();
  }

  function fresh() {
    enter(place().store);
    focusQuestion();
  }

  /* Work and the keyboard */

  function setWorking(is) {
    working = is;
    document.body.toggleAttribute("data-working", is);
  }

  function focusQuestion() {
    const at = document.activeElement;
    if (!at || at === document.body || at.closest("#composer, .answer, #side")) byId("question")?.focus({ preventScroll: true });
  }

  function type(text) {
    const box = byId("question");
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener("keydown", (event) => {
    const plain = !event.shiftKey && !event.isComposing; // a new line, or a word still being put together
    if (event.key === "Enter" && plain && event.target.id === "question") {
      event.preventDefault();
      return send();
    }
    if (event.key !== "Escape") return;
    if (document.querySelector("details.menu[open]")) return closeMenus(document.body);
    if (!document.querySelector("dialog[open]")) stop();
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && here && !working) open(); });
  window.addEventListener("popstate", arrive);

  document.addEventListener("input", (event) => {
    if (event.target.id === "question") remember(TYPED, event.target.value);
  });
  document.addEventListener("change", (event) => {
    if (event.target.name === "store") enter(event.target.value);
    if (event.target.name === "colours") colours.choose(event.target.value);
  });

  /* The page as Gradio builds it, made whole */

  function settle() {
    const box = document.querySelector("#question-box textarea");
    const choice = document.querySelector(`.themes input[value="${colours.chosen()}"]`);
    if (!box || box.id === "question" || !choice) return;
    box.id = "question";
    box.setAttribute("aria-label", "Your question");
    box.setAttribute("enterkeyhint", "send");
    document.querySelector(".sidebar .toggle-button")?.setAttribute("aria-label", "Show or hide the sidebar");
    choice.checked = true;
    colours.paint();
    box.focus({ preventScroll: true });
  }

  /* On a phone the sidebar lies over the page, and is shut until it is asked for: style.css goes by data-side there. */
  const closeSide = () => document.body.removeAttribute("data-side");

  document.addEventListener("DOMContentLoaded", begin);
  if (document.readyState !== "loading") begin();
  function begin() {
    new MutationObserver(() => { settle(); colours.paint(); }).observe(document.body, {
      childList: true, subtree: true, attributes: true, attributeFilter: ["class"],
    });
    settle();
  }

  return { attach, show, follow, open, imported };
})();
