// One rule that needs types and that Biome does not have: a promise that nobody awaits is an error nobody sees.
import { defineConfig } from "eslint/config";
import { parser, plugin } from "typescript-eslint";

export default defineConfig([
  // The template is a project of its own: its tests are node:test's, which nobody awaits.
  { ignores: ["**/dist/**", "**/node_modules/**", "packages/cli/template/**"] },
  {
    files: ["**/*.ts"],
    languageOptions: {
      parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: "off" },
    plugins: { "@typescript-eslint": plugin },
    rules: { "@typescript-eslint/no-floating-promises": "error" },
  },
]);
