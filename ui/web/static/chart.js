/* Charts: Plotly, fetched from our own server with the first of them, in the page's colours. */
window.storewiseChart = (() => {
  "use strict";
  const PALETTE = ["--series-1", "--series-2", "--series-3", "--series-4", "--series-5", "--series-6"];
  const HOUR = /^(\d\d:00)–/;
  const NARROW = 480; // pixels
  const LINE = 20; // of a legend
  const drawn = new Set();
  let loading = null;
  let lastColours = "";

  const colour = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();

  function plotly() {
    loading ??= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = "own/plotly.js";
      script.onload = () => done(window.Plotly);
      script.onerror = () => {
        loading = null; // the next chart tries again
        failed(new Error("Plotly didn't load"));
      };
      document.head.append(script);
    });
    return loading;
  }

  function axis(given, narrow) {
    return {
      ...given, title: given.title && { font: { size: 13 }, standoff: 12, ...given.title }, gridcolor: colour("--grid"), linecolor: colour("--line"), zerolinecolor: colour("--line"),
      tickcolor: colour("--line"), automargin: true, fixedrange: true,
      ...(narrow ? { nticks: 4, tickangle: 0 } : {}),
    };
  }

  /* The names of bars that lie, in one line or two, so that they leave room for the bars; whole in the table. */
  function barNames(data, narrow) {
    const names = [...new Set(data.filter((trace) => trace.orientation === "h").flatMap((trace) => trace.y))];
    return { tickmode: "array", tickvals: names, ticktext: names.map((name) => folded(String(name), narrow ? 17 : 34)) };
  }

  function folded(name, letters) {
    if (name.length <= letters) return name;
    const space = name.lastIndexOf(" ", letters);
    const rest = name.slice(space > 0 ? space + 1 : letters);
    return `${name.slice(0, space > 0 ? space : letters)}<br>${rest.length > letters ? `${rest.slice(0, letters - 1)}…` : rest}`;
  }

  /* Hours of the day: a few of them are named, by when they begin. */
  function hourNames(data, narrow) {
    const hours = [...new Set(data.flatMap((trace) => trace.x ?? []))].filter((name) => HOUR.test(name));
    const marked = hours.filter((_, i) => i % Math.ceil(hours.length / (narrow ? 4 : 8)) === 0);
    return marked.length ? { tickmode: "array", tickvals: marked, ticktext: marked.map((name) => HOUR.exec(name)[1]), tickangle: 0 } : {};
  }

  const isLying = (data) => data.some((trace) => trace.orientation === "h");

  function layout(given, data, figure) {
    const narrow = figure.clientWidth < NARROW;
    const axes = Object.fromEntries(
      Object.entries({ xaxis: {}, yaxis: {}, ...given }).filter(([key]) => /^[xy]axis/.test(key))
        .map(([key, value]) => [key, axis(value, narrow && key[0] === "x")]),
    );
    if (isLying(data)) Object.assign(axes.yaxis, barNames(data, narrow));
    else Object.assign(axes.xaxis, hourNames(data, narrow));
    const family = getComputedStyle(figure).fontFamily;
    return {
      ...given, ...axes,
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", width: undefined, height: undefined, autosize: true,
      font: { family, size: 12.5, color: colour("--muted") },
      colorway: PALETTE.map(colour), margin: { l: 8, r: 12, t: given.showlegend === false ? 12 : 44, b: given.xaxis?.title ? 52 : 12, pad: 4, ...given.margin },
      hoverlabel: {
        bgcolor: colour("--card"), bordercolor: colour("--line"),
        font: { family, color: colour("--ink"), size: 13 },
      },
      legend: { ...given.legend, orientation: "h", x: 0, y: 1, yanchor: "bottom", traceorder: "normal" }, bargap: given.bargap ?? 0.3,
    };
  }

  /* The two levels in one colour, what adds and what takes in two others. */
  function waterfallColours() {
    const [level, up, down] = PALETTE.map(colour);
    return {
      connector: { line: { color: colour("--line"), width: 1 } },
      totals: { marker: { color: level } }, increasing: { marker: { color: up } }, decreasing: { marker: { color: down } },
    };
  }

  /* A colour of the page (#rrggbb) that lets what is behind it shine through. */
  const faded = (shade, part) => shade + Math.round(255 * (part ?? 0.5)).toString(16).padStart(2, "0");

  /* A colour for each group: the days so far of a month that isn't over belong to its line. */
  function painted(traces) {
    const groups = [...new Set(traces.map((trace, i) => trace.legendgroup ?? `${i}`))];
    return traces.map((trace, i) => {
      if (trace.type === "waterfall") return { ...trace, ...waterfallColours() };
      const shade = colour(PALETTE[groups.indexOf(trace.legendgroup ?? `${i}`) % PALETTE.length]);
      return {
        ...trace, marker: { color: shade, ...trace.marker },
        ...(trace.type === "bar" ? {} : { line: { color: shade, width: 2, ...trace.line } }),
        ...(trace.fill ? { fillcolor: faded(shade, trace.opacity), opacity: 1 } : {}),
      };
    });
  }

  /* Bars that lie need a line each, or two; a legend of several lines must not eat the picture. */
  function heightOf(data, given, width) {
    const narrow = width < NARROW;
    if (!isLying(data)) return (narrow ? 280 : 340) + LINE * (legendLines(data, given, width) - 1);
    const names = barNames(data, narrow).ticktext;
    const line = names.some((name) => name.includes("<br>")) ? 36 : data.length > 1 ? 34 : 23;
    return Math.max(180, line * names.length + 110);
  }

  /* As Plotly lays it out: columns as wide as the longest name. */
  function legendLines(data, given, width) {
    const names = given.showlegend === false ? [] : data.filter((trace) => trace.showlegend !== false).map((trace) => trace.name ?? "");
    const columns = Math.floor((width - 80) / (50 + 7 * Math.max(0, ...names.map((name) => name.length))));
    return Math.max(1, Math.ceil(names.length / Math.max(1, columns)));
  }

  async function draw(figure) {
    let spec;
    try {
      spec = JSON.parse(figure.dataset.chart);
      figure.style.height = `${heightOf(spec.data, spec.layout ?? {}, figure.clientWidth)}px`;
      const library = await plotly();
      await library.react(figure, painted(spec.data), layout(spec.layout ?? {}, spec.data, figure), {
        displayModeBar: false, responsive: true,
      });
      drawn.add(figure);
    } catch (error) {
      console.error("A chart could not be drawn:", error);
      figure.hidden = true; // the table has the same figures
    }
  }

  function repaint() {
    const now = document.body ? colour("--ink") + colour("--paper") : "";
    if (now === lastColours) return;
    lastColours = now;
    for (const figure of drawn) {
      if (figure.isConnected) draw(figure);
      else drawn.delete(figure);
    }
  }

  return { draw, repaint };
})();
