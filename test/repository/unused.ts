import ts from "typescript"
import { type SourceFile, walk } from "./sources.js"

/** Where the product is entered: the command, the library, the generator's programs. */
const ENTRIES = [
  "host/cli/main.ts",
  "host/index.ts",
  "host/browser.ts",
  "host/gen/main.ts",
  "host/gen/build-device.ts",
  "host/gen/firmware.ts",
]

/** What a user of the package may import is used by them. */
const FACES = ["host/index.ts", "host/browser.ts"]

/**
 * Files of host/ and shared/ that no entry reaches by imports: only tests use them, or nothing does. The board's programs are entries, and so
 * are its sensor drivers, for the channel list names them.
 */
export function unreached(product: readonly SourceFile[]): string[] {
  const imports = new Map(product.map((file) => [file.path, file.imports]))
  const reached = new Set<string>()
  const open = [...imports.keys()].filter((path) => path.startsWith("devicescript/") || ENTRIES.includes(path))
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (reached.has(path)) continue
    reached.add(path)
    open.push(...(imports.get(path) ?? []))
  }
  return [...imports.keys()].filter((path) => /^(host|shared)\//.test(path) && !reached.has(path))
}

/** `file: name` of exports of host/ and shared/ that no other file names. */
export function lonelyExports(product: readonly SourceFile[], tests: readonly SourceFile[]): string[] {
  const used = new Set([...product, ...tests].flatMap(namesUsed))
  return product
    .filter(({ path, generated }) => /^(host|shared)\//.test(path) && !generated && !FACES.includes(path))
    .flatMap((file) => exportsOf(file).map((name) => ({ file, name })))
    .filter(({ file, name }) => !used.has(`${file.path}: ${name}`) && !used.has(`${file.path}: *`))
    .map(({ file, name }) => `${file.path}: ${name}`)
}

/** `file: name` of all that a file names of others; `file: *` where it takes a whole module without saying what it uses of it. */
function namesUsed({ tree, importOf }: SourceFile): string[] {
  const used: string[] = []
  walk(tree, (node) => {
    const from = importOf(node)
    if (from === null) return
    for (const name of namesTaken(tree, node)) used.push(`${from}: ${name}`)
  })
  return used
}

/** The names that an import takes out of its module. */
function namesTaken(tree: ts.SourceFile, node: ts.Node): string[] {
  if (ts.isImportDeclaration(node)) {
    const bindings = node.importClause?.namedBindings
    if (bindings === undefined) return []
    return ts.isNamespaceImport(bindings) ? membersOf(tree, bindings.name) : bindings.elements.map(original)
  }
  if (ts.isExportDeclaration(node)) {
    const clause = node.exportClause
    return clause !== undefined && ts.isNamedExports(clause) ? clause.elements.map(original) : ["*"]
  }
  if (ts.isImportTypeNode(node)) return [node.qualifier?.getText().split(".")[0] ?? "*"]
  return membersTaken(tree, node)
}

/** The members that the code around a promised or awaited module takes: `(await import(x)).a`, `const { a } = await import(x)`. */
function membersTaken(tree: ts.SourceFile, node: ts.Node): string[] {
  let outer = node.parent
  while (ts.isAwaitExpression(outer) || ts.isParenthesizedExpression(outer)) outer = outer.parent
  if (ts.isPropertyAccessExpression(outer)) return [outer.name.text]
  if (!ts.isVariableDeclaration(outer)) return ["*"]
  if (ts.isIdentifier(outer.name)) return membersOf(tree, outer.name)
  return outer.name.elements.flatMap((each) => (ts.isBindingElement(each) ? [original(each)] : []))
}

/** The members that a file names of a module in a variable, or `*` where the variable is handed on whole. */
function membersOf(tree: ts.SourceFile, module: ts.Identifier): string[] {
  const names: string[] = []
  walk(tree, (node) => {
    if (!ts.isIdentifier(node) || node.text !== module.text || node === module) return
    const { parent } = node
    if (ts.isPropertyAccessExpression(parent) && parent.expression === node) names.push(parent.name.text)
    else if (ts.isQualifiedName(parent) && parent.left === node) names.push(parent.right.text)
    else if (!(ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent))) names.push("*")
  })
  return names
}

/** The name that the module gives it: `a` of `a as b`. */
function original(element: ts.ImportSpecifier | ts.ExportSpecifier | ts.BindingElement): string {
  return (element.propertyName ?? element.name).getText()
}

function exportsOf({ tree }: SourceFile): string[] {
  return tree.statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement) && statement.exportClause !== undefined && ts.isNamedExports(statement.exportClause))
      return statement.exportClause.elements.map((each) => each.name.getText())
    const exported = ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    if (exported !== true) return []
    if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.flatMap(({ name }) => namesIn(name))
    return [(statement as ts.Statement & { name?: ts.Identifier }).name?.text ?? "default"]
  })
}

/** The names that a declaration binds: one, or those of a pattern. */
function namesIn(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text]
  return name.elements.flatMap((each) => (ts.isBindingElement(each) ? namesIn(each.name) : []))
}
