// What Fn starts: its development kit, with fnmesh's function.
require("@fnproject/fdk").handle(require("./entry.cjs").handler);
