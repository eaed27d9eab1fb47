/** The last script of the page's realm: nothing of the others stays within the page's reach. */
(() => {
  const { start } = /** @type {any} */ (globalThis).sharewiseRealm;
  Reflect.deleteProperty(globalThis, "sharewiseRealm");
  start();
})();
//# sourceURL=native
