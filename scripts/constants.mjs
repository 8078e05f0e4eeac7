/**
 * What a module declares or imports, as constants: V8 takes both for variables otherwise.
 *
 *     import { hashWord } from "./bytes.js";      import { hashWord as hashWord$i } from "./bytes.js";
 *                                                 const hashWord = hashWord$i;
 *     export function scan() { hashWord() }       const scan = function () { hashWord() };
 *                                                 const scan$x = scan;
 *                                                 export { scan$x as scan };
 *
 * A function declaration may be assigned to, and what is imported or exported lives in a cell that
 * its module may change: compiled code loads and compares the callee at every call, even that of a
 * function it has made a part of its caller, and keeps both in registers. What that costs, and the
 * command that measures it: spec-notes/v8.md.
 *
 * Nothing else changes: functions stand before all other statements, where their declarations took
 * effect, and no module may change what it exports (checked here).
 */
import { relative } from "node:path";
import ts from "typescript";

const { factory } = ts;

/** The pass over one compiled module: a transformer for `after`. */
export function toConstants() {
  return (file) => {
    const parts = { imports: [], functions: [], others: [], exported: [] };
    for (const statement of file.statements) sort(statement, parts);
    const { imports, functions, others, exported } = parts;
    return factory.updateSourceFile(file, [
      ...imports,
      ...functions,
      ...others,
      ...exportsOf(exported),
    ]);
  };
}

function sort(statement, { imports, functions, others, exported }) {
  const isExported = statement.modifiers?.some(isExport) ?? false;
  if (ts.isImportDeclaration(statement)) {
    imports.push(...importsOf(statement));
  } else if (ts.isFunctionDeclaration(statement)) {
    if (isExported) exported.push(statement.name.text);
    functions.push(inPlaceOf(statement, constant(statement.name.text, functionOf(statement))));
  } else if (ts.isClassDeclaration(statement)) {
    if (isExported) exported.push(statement.name.text);
    others.push(inPlaceOf(statement, constant(statement.name.text, classOf(statement))));
  } else if (ts.isVariableStatement(statement) && isExported) {
    const { declarationList } = statement;
    if ((declarationList.flags & ts.NodeFlags.Const) === 0) refuse(statement);
    for (const { name } of declarationList.declarations) exported.push(...namesOf(name));
    others.push(inPlaceOf(statement, factory.createVariableStatement([], declarationList)));
  } else {
    others.push(statement);
  }
}

/** The names that a declaration binds: one, or those of a pattern. */
function namesOf(name) {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (element.name ? namesOf(element.name) : []));
}

/** An import of our own modules, its bindings as constants; others are left as they are. */
function importsOf(statement) {
  const bindings = statement.importClause?.namedBindings;
  const isOwn = statement.moduleSpecifier.text.startsWith(".");
  if (!isOwn || bindings === undefined || !ts.isNamedImports(bindings)) return [statement];
  const elements = bindings.elements.map(({ propertyName, name }) =>
    factory.createImportSpecifier(false, propertyName ?? name, identifier(`${name.text}$i`)),
  );
  const clause = factory.createImportClause(
    undefined,
    undefined,
    factory.createNamedImports(elements),
  );
  const names = bindings.elements.map(({ name }) => name.text);
  return [
    inPlaceOf(statement, factory.createImportDeclaration([], clause, statement.moduleSpecifier)),
    ...names.map((name) => constant(name, identifier(`${name}$i`))),
  ];
}

function functionOf({ modifiers, asteriskToken, parameters, body }) {
  const kept = modifiers?.filter((modifier) => !isExport(modifier));
  return factory.createFunctionExpression(
    kept,
    asteriskToken,
    undefined,
    [],
    parameters,
    undefined,
    body,
  );
}

function classOf({ name, heritageClauses, members }) {
  return factory.createClassExpression([], name, [], heritageClauses, members);
}

function exportsOf(names) {
  if (names.length === 0) return [];
  const specifiers = names.map((name) =>
    factory.createExportSpecifier(false, identifier(`${name}$x`), identifier(name)),
  );
  return [
    ...names.map((name) => constant(`${name}$x`, identifier(name))),
    factory.createExportDeclaration([], false, factory.createNamedExports(specifiers)),
  ];
}

function constant(name, value) {
  const declaration = factory.createVariableDeclaration(name, undefined, undefined, value);
  return factory.createVariableStatement(
    [],
    factory.createVariableDeclarationList([declaration], ts.NodeFlags.Const),
  );
}

function identifier(text) {
  return factory.createIdentifier(text);
}

/** Keeps the comments, and the way back to the source, of the statement that is replaced. */
function inPlaceOf(statement, replacement) {
  return ts.setTextRange(ts.setOriginalNode(replacement, statement), statement);
}

function isExport({ kind }) {
  return kind === ts.SyntaxKind.ExportKeyword;
}

function refuse(statement) {
  const { fileName } = statement.getSourceFile();
  throw new Error(
    `${relative(process.cwd(), fileName)} exports a variable: importers would keep its first value. ` +
      "Export a function that returns it",
  );
}
