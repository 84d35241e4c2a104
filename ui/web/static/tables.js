/* Tables: each in a box of its own, sorted by its headers, with its receipt's CSV below. */
window.storewiseTables = (() => {
  "use strict";

  const WORDS = {
    en: { row: "1 row", rows: (n) => `${n} rows`, part: (n, all) => `${n} of ${all} rows`, csv: "Download the rows as CSV", table: "Table" },
    zh: { row: "1 行", rows: (n) => `${n} 行`, part: (n, all) => `${n} / ${all} 行`, csv: "下载 CSV", table: "表格" },
  };
  const wordsOf = (part) => WORDS[part.closest("[lang]").lang] ?? WORDS.en;

  const { element } = window.storewiseDraw;

  function dress(table) {
    const box = element("div", "tablebox");
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", wordsOf(table).table);
    table.replaceWith(box);
    box.append(table);
    const rows = [...table.tBodies[0]?.rows ?? []];
    rows.forEach((row, i) => { row.dataset.place = i; });
    if (rows.length > 1) table.querySelectorAll("thead th").forEach(sortable);
    const receipt = table.dataset.receipt;
    const details = receipt && box.closest(".answer").querySelector(`.receipt[data-key="${CSS.escape(receipt)}"]`);
    if (details) box.after(footOf(details, rows.length, wordsOf(box)));
  }

  function footOf(details, shown, words) {
    const foot = element("div", "tablefoot");
    const all = Number(details.dataset.rows);
    const count = all > shown ? words.part(shown, all.toLocaleString("en")) : shown === 1 ? words.row : words.rows(shown);
    foot.append(element("span", "meta", count));
    const link = element("a", "quiet", "CSV");
    link.href = `${details.dataset.place}.csv`;
    link.setAttribute("download", "");
    link.setAttribute("aria-label", words.csv);
    foot.append(link);
    return foot;
  }

  function sortable(head) {
    const button = element("button", "sort", head.textContent);
    button.type = "button";
    head.replaceChildren(button);
  }

  function sort(head) {
    const table = head.closest("table");
    const column = head.cellIndex;
    const now = head.getAttribute("aria-sort");
    const next = now === "descending" ? "ascending" : now === "ascending" ? "" : "descending";
    table.querySelectorAll("th").forEach((other) => other.removeAttribute("aria-sort"));
    if (next) head.setAttribute("aria-sort", next);
    const sign = next === "descending" ? -1 : 1;
    const order = next ? (a, b) => sign * compare(a.cells[column], b.cells[column]) : () => 0;
    const rows = [...table.tBodies[0].rows].sort((a, b) => order(a, b) || a.dataset.place - b.dataset.place);
    table.tBodies[0].append(...rows);
  }

  function compare(a, b) {
    const [x, y] = [a, b].map((cell) => cell.dataset.value ?? cell.textContent.trim());
    const [m, n] = [x, y].map((text) => (text === "" ? NaN : Number(text)));
    if (!Number.isNaN(m) && !Number.isNaN(n)) return m - n;
    if (Number.isNaN(m) !== Number.isNaN(n)) return Number.isNaN(m) ? -1 : 1;
    return x.localeCompare(y);
  }

  return { dress, sort };
})();
