// The chart of a reduce-by-key report: one bar a channel, its time cut by phase, and one for its cost. Pure: a report in,
// SVG text out. Both axes are linear and begin at 0. Readable on light and dark ground.

const phases = [
  { key: "launchMs", name: "launch" },
  { key: "connectMs", name: "connect" },
  { key: "computeMs", name: "compute" },
  { key: "communicateMs", name: "communicate" },
  { key: "endMs", name: "end" },
];

const style = `
    text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
    .title { font-size: 16px; font-weight: 600; }
    .small { font-size: 11px; fill: #59636e; }
    .right { text-anchor: end; }
    .middle { text-anchor: middle; }
    .grid { stroke: #d1d9e0; stroke-width: 1; }
    .launch { fill: #8c959f; } .connect { fill: #0969da; } .compute { fill: #1a7f37; }
    .communicate { fill: #d4720b; } .end { fill: #c6ccd2; } .cost { fill: #8250df; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc; } .small { fill: #9198a1; } .grid { stroke: #3d444d; }
      .launch { fill: #6e7681; } .connect { fill: #4493f8; } .compute { fill: #3fb950; }
      .communicate { fill: #f0883e; } .end { fill: #484f58; } .cost { fill: #ab7df8; }
    }`;

const size = {
  width: 900,
  margin: 16,
  top: 96,
  row: 36,
  bar: 20,
  labels: 104,
  figures: 104,
  gap: 28,
  cost: 150,
};

/** @param report what `npm run bench -- reduce-by-key --json FILE` writes. Throws when it is of another scenario. */
export function chart(report) {
  if (report.scenario !== "reduce-by-key")
    throw new Error(`no chart for the scenario "${report.scenario}", only for reduce-by-key`);
  const { rows } = report;
  const hasCost = rows.every(({ costUsd }) => costUsd !== undefined);
  const height = size.top + rows.length * size.row + 64;
  const time = timePanel(report, hasCost);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${height}" width="${size.width}" height="${height}" role="img" aria-labelledby="title desc">`,
    `  <title id="title">${escaped(titleOf(report))}</title>`,
    `  <desc id="desc">${escaped(rows.map(wordsOf).join("; "))}</desc>`,
    `  <style>${style}\n  </style>`,
    text(size.margin, 28, titleOf(report), "title"),
    text(size.margin, 48, subtitleOf(report), "small"),
    ...legend(),
    ...rows.map(({ channel }, index) => text(size.margin, rowAt(index) + 15, channel)),
    ...time,
    ...(hasCost ? costPanel(report) : []),
    text(size.margin, height - 10, footOf(report), "small"),
    "</svg>",
    "",
  ].join("\n");
}

const rowAt = (index) => size.top + index * size.row;

function timePanel({ rows, ratios }, hasCost) {
  const left = size.margin + size.labels;
  const right = size.width - size.margin - size.figures - (hasCost ? size.gap + size.cost + size.figures : 0);
  const scale = scaleOf(Math.max(...rows.map(({ totalMs }) => totalMs)), left, right);
  return [
    ...axis(scale, rows.length, timeText),
    ...rows.flatMap((row, index) => [
      ...bars(row, scale, rowAt(index)),
      figure(scale.at(row.totalMs), index, timeText(row.totalMs), ratios[`timeOver.${row.channel}`]),
    ]),
  ];
}

function bars(row, scale, y) {
  let before = 0;
  return phases.flatMap(({ key, name }) => {
    const from = scale.at(before);
    before += row[key];
    const width = scale.at(before) - from;
    return width <= 0 ? [] : [bar(from, y, width, name)];
  });
}

function costPanel({ rows, ratios }) {
  const left = size.width - size.margin - size.figures - size.cost;
  const right = size.width - size.margin - size.figures;
  const scale = scaleOf(Math.max(...rows.map(({ costUsd }) => costUsd)), left, right);
  return [
    text(left, 72, "cost, US cents", "small"),
    ...axis(scale, rows.length, costText, 2),
    ...rows.flatMap(({ channel, costUsd }, index) => [
      bar(scale.at(0), rowAt(index), scale.at(costUsd) - scale.at(0), "cost"),
      figure(scale.at(costUsd), index, costText(costUsd), ratios[`costOver.${channel}`]),
    ]),
  ];
}

const bar = (x, y, width, name) =>
  `  <rect class="${name}" x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${size.bar}"/>`;

const figure = (x, index, value, ratio) =>
  text(x + 6, rowAt(index) + 15, ratio === undefined ? value : `${value} (${ratioText(ratio)}×)`);

function axis(scale, count, label, most = 5) {
  const bottom = size.top + count * size.row;
  return ticksOf(scale.most, most).flatMap((value) => {
    const x = px(scale.at(value));
    return [
      `  <line class="grid" x1="${x}" y1="${size.top - 8}" x2="${x}" y2="${bottom}"/>`,
      text(scale.at(value), bottom + 16, label(value), "small middle"),
    ];
  });
}

/** From 0 on, always. */
const scaleOf = (most, left, right) => ({ most, at: (value) => left + (value / most) * (right - left) });

/** Round steps of 1, 2 or 5: at most `most` of them beside 0. */
function ticksOf(value, most) {
  const least = value / most;
  const ten = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((factor) => factor * ten).find((each) => each >= least);
  return Array.from({ length: Math.floor(value / step) + 1 }, (_, index) => index * step);
}

function legend() {
  let x = size.margin + size.labels;
  return phases.flatMap(({ name }) => {
    const at = x;
    x += 30 + name.length * 7;
    return [
      `  <rect class="${name}" x="${at}" y="62" width="12" height="12"/>`,
      text(at + 17, 72, name, "small"),
    ];
  });
}

const text = (x, y, words, name) =>
  `  <text${name === undefined ? "" : ` class="${name}"`} x="${px(x)}" y="${px(y)}">${escaped(words)}</text>`;

const px = (value) => Number(value.toFixed(1));

const timeText = (ms) => (ms >= 1000 ? `${digits(ms / 1000)} s` : `${digits(ms)} ms`);
const costText = (dollars) => (dollars === 0 ? "$0" : `${digits(dollars * 100)} ¢`);
const ratioText = (ratio) => digits(ratio);
const digits = (value) => String(Number(value.toPrecision(3)));

const shapeOf = ({ rows, details }) => ({ ...rows[0], ...details?.shape });

function titleOf(report) {
  const { workers, rounds, megabytes } = shapeOf(report);
  const shuffles = rounds === 1 ? "one shuffle" : `${rounds} shuffles`;
  return `reduce-by-key: ${shuffles} of ${Math.round(megabytes)} MB between ${workers} workers, time and cost`;
}

function subtitleOf(report) {
  const { setting, dilation, keys, repetitions } = shapeOf(report);
  const where =
    setting === "cloud"
      ? `emulated cloud, time dilated ${dilation} times`
      : "as fast as one machine goes, on loopback";
  return `${where}; ${keys} keys; median of ${repetitions}; (n×): n times direct; axes are linear, from 0`;
}

function footOf({ environment: { date, cpu, cores, node } }) {
  return `measured ${date.slice(0, 10)} on ${cores} × ${cpu}, Node ${node}; made by scripts/chart.mjs`;
}

const wordsOf = ({ channel, totalMs, costUsd }) =>
  `${channel}: ${timeText(totalMs)}${costUsd === undefined ? "" : `, ${costText(costUsd)}`}`;

const escaped = (words) =>
  String(words).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
