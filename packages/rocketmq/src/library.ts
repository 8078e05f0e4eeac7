/**
 * Loads the library that speaks a protocol. It is the user's to install, as few need it.
 *
 * @throws Error that says what to install.
 */
export async function loadLibrary(name: string): Promise<object> {
  let loaded: { readonly default?: object };
  try {
    loaded = (await import(name)) as { readonly default?: object };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new Error(
      `the bridge to RocketMQ needs the package ${name}: install it beside this one, with npm install ${name}`,
    );
  }
  return loaded.default ?? loaded; // both are CommonJS
}
