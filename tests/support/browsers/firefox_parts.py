"""What Firefox must be told in its own language: scripts for its window and for a tab's process.

WebDriver BiDi reaches the window ("chrome" scope, `-remote-allow-system-access`); what BiDi cannot
do (closed shadow roots, file choosers, drops, the popup) is done from there.
"""

from __future__ import annotations

IN_WINDOW = """
globalThis.sharewiseHarness ??= (() => {
  const { NavigableManager } = ChromeUtils.importESModule(
    'chrome://remote/content/shared/NavigableManager.sys.mjs');
  let next = 0;

  // Run `(content, argument, frame) => JSON` in the process of a tab, with the browser's rights.
  const inContent = (browser, body, argument) => new Promise((resolve, reject) => {
    const manager = browser.messageManager;
    const name = `sharewise-harness:${next++}`;
    manager.addMessageListener(name, function answered({ data }) {
      manager.removeMessageListener(name, answered);
      if (data.error === undefined) resolve(data.value); else reject(new Error(data.error));
    });
    const script = `(async () => {
      let answer;
      try { answer = { value: (await (${body})(content, ARGUMENT)) ?? null }; }
      catch (error) { answer = { error: String(error) }; }
      sendAsyncMessage(${JSON.stringify(name)}, answer);
    })();`;
    const go = `addMessageListener(${JSON.stringify(name)}, function begun(message) {
      removeMessageListener(${JSON.stringify(name)}, begun);
      const ARGUMENT = message.data;
      ${script}
    });`;
    manager.loadFrameScript(`data:,${encodeURIComponent(go)}`, false);
    manager.sendAsyncMessage(name, argument);
  });

  const browserOf = (context) =>
    NavigableManager.getBrowsingContextById(context).top.embedderElement;

  // The file chooser: one that nobody announced is cancelled, so that nothing ever hangs.
  const pick = { paths: null, opened: 0 };
  const list = (items) => {
    let at = 0;
    return {
      QueryInterface: ChromeUtils.generateQI(['nsISimpleEnumerator']),
      hasMoreElements: () => at < items.length,
      getNext: () => items[at++],
      [Symbol.iterator]: () => items[Symbol.iterator](),
    };
  };
  const fileAt = (path) => {
    const file = Cc['@mozilla.org/file/local;1'].createInstance(Ci.nsIFile);
    file.initWithPath(path);
    return file;
  };
  class Picker {
    QueryInterface = ChromeUtils.generateQI(['nsIFilePicker']);
    #files = [];
    init(_context, _title, mode) { this.mode = mode; }
    appendFilters() {}
    appendFilter() {}
    appendRawFilter() {}
    async isModeSupported() { return true; }
    get file() { return this.#files[0] ?? null; }
    get files() { return list(this.#files); }
    get fileURL() { return Services.io.newFileURI(this.file); }
    open(callback) {
      const paths = pick.paths;
      pick.paths = null;
      pick.opened += 1;
      this.#files = (paths ?? []).map(fileAt);
      const result = this.#files.length ? Ci.nsIFilePicker.returnOK : Ci.nsIFilePicker.returnCancel;
      Services.tm.dispatchToMainThread(() => callback.done(result));
    }
  }
  Components.manager.QueryInterface(Ci.nsIComponentRegistrar).registerFactory(
    Services.uuid.generateUUID(), 'harness', '@mozilla.org/filepicker;1', {
      QueryInterface: ChromeUtils.generateQI(['nsIFactory']),
      createInstance: (iid) => new Picker().QueryInterface(iid),
    });

  const { ExtensionParent } = ChromeUtils.importESModule(
    'resource://gre/modules/ExtensionParent.sys.mjs');
  const extension = () => WebExtensionPolicy.getByID('extension@sharewise')?.extension;
  const viewOf = (kind) => [...(extension()?.views ?? [])].find((view) => view.viewType === kind);

  return {
    inContent, browserOf, pick, extension, viewOf,
    filesAt: (paths) => Promise.all(paths.map((path) => File.createFromFileName(path))),
    pin() {
      const { makeWidgetId } = ChromeUtils.importESModule(
        'resource://gre/modules/ExtensionCommon.sys.mjs').ExtensionCommon;
      CustomizableUI.addWidgetToArea(
        `${makeWidgetId(extension().id)}-browser-action`, CustomizableUI.AREA_NAVBAR);
    },
    press() {
      const { browserActionFor } = ExtensionParent.apiManager.global;
      return browserActionFor(extension()).triggerAction(window);
    },
    isPopupOpen: () => viewOf('popup')?.xulBrowser.closest('panel')?.state === 'open',
    closePopup() {
      viewOf('popup')?.xulBrowser.closest('panel')?.hidePopup();
    },
    thrown() {
      const origin = extension()?.baseURL ?? 'none:';
      const told = [];
      for (const one of Services.console.getMessageArray()) {
        if (!(one instanceof Ci.nsIScriptError) || !one.sourceName.startsWith(origin)) continue;
        const level = one.flags & Ci.nsIScriptError.warningFlag ? 'warning' : 'error';
        told.push({ level, text: one.errorMessage, source: one.sourceName });
      }
      return told;
    },
  };
})();
"""
"""Evaluated once in the browser's window; everything below goes through it."""

CLOSED_ROOTS = """(content, argument) => {
  const call = FUNCTION;
  const results = [];
  const visit = (within) => {
    for (const node of within.querySelectorAll('*')) {
      const root = node.openOrClosedShadowRoot;
      if (!root) continue;
      if (root.mode === 'closed') results.push(call(root, argument));
      visit(root);
    }
  };
  visit(content.document);
  return results;
}"""
"""FUNCTION is put in its place as text: a tab's process lets nothing be evaluated."""

DROP = """async (content, { files, x, y, words }) => {
  // Filled by the page's own right: what the browser adds itself, a page may not read.
  const sandbox = Cu.Sandbox(content, {
    sandboxPrototype: content, sameZoneAs: content, wantXrays: false });
  sandbox.files = Cu.cloneInto(files, sandbox, { wrapReflectors: true });
  sandbox.words = Cu.cloneInto(words, sandbox);
  const data = Cu.evalInSandbox(
    'const data = new DataTransfer(); for (const [type, text] of words) data.setData(type, text);' +
    'for (const file of files) data.items.add(file); data',
    sandbox);
  // Until the drop a page learns only that there are files: one without name or bytes stands here.
  const sealed = Cu.evalInSandbox(
    "const sealed = new DataTransfer(); sealed.items.add(new File([], '')); sealed", sandbox);
  for (const kind of ['dragenter', 'dragover', 'dragover', 'drop']) {
    // As long as a hand needs; the last one comes right before the drop.
    if (kind !== 'drop') await new Promise((resolve) => content.requestAnimationFrame(resolve));
    let target = content.document.elementFromPoint(x, y);
    for (let root; target && (root = target.openOrClosedShadowRoot); ) {
      const inner = root.elementFromPoint(x, y);
      if (!inner || inner === target) break;
      target = inner;
    }
    const event = new content.DragEvent(kind, {
      bubbles: true, cancelable: true, composed: true, view: content,
      clientX: x, clientY: y, dataTransfer: kind === 'drop' ? data : sealed,
    });
    content.windowUtils.dispatchDOMEventViaPresShellForTesting(target, event);
  }
}"""

PASTE = """(content, { files }) => {
  const sandbox = Cu.Sandbox(content, {
    sandboxPrototype: content, sameZoneAs: content, wantXrays: false });
  // Made here, so it is trusted; filled by the page's own right, as above.
  const event = new content.ClipboardEvent('paste', {
    bubbles: true, cancelable: true, composed: true, dataType: 'text/plain', data: ' ' });
  sandbox.files = Cu.cloneInto(files, sandbox, { wrapReflectors: true });
  sandbox.data = Cu.unwaiveXrays(event.clipboardData);
  Cu.evalInSandbox(
    "data.clearData('text/plain'); for (const file of files) data.items.add(file);", sandbox);
  (content.document.activeElement ?? content.document.body).dispatchEvent(event);
}"""

AGREE_TO_FOLDERS = """() => {
  // Before a page gets a folder Firefox asks in a window of its own: a person who says yes.
  const prompts = {
    QueryInterface: ChromeUtils.generateQI(['nsIPromptCollection']),
    confirmFolderUpload: () => true,
    confirmRepost: () => true,
    asyncBeforeUnloadCheck: async () => true,
  };
  Components.manager.QueryInterface(Ci.nsIComponentRegistrar).registerFactory(
    Services.uuid.generateUUID(), 'harness', '@mozilla.org/embedcomp/prompt-collection;1', {
      QueryInterface: ChromeUtils.generateQI(['nsIFactory']),
      createInstance: (iid) => prompts.QueryInterface(iid),
    });
}"""

EVALUATE = """(content, { expression }) => {
  const sandbox = Cu.Sandbox(content, {
    sandboxPrototype: content, sameZoneAs: content, wantXrays: false });
  return Cu.evalInSandbox(expression, sandbox);
}"""

CLICK = """(content, { x, y }) => {
  const clicked = { button: 0, clickCount: 1 };
  const real = { isDOMEventSynthesized: false, isWidgetEventSynthesized: false };
  content.synthesizeMouseEvent('mousemove', x, y, {}, real);
  content.synthesizeMouseEvent('mousedown', x, y, clicked, real);
  content.synthesizeMouseEvent('mouseup', x, y, clicked, real);
}"""

CONSOLE = """(content, origin) => {
  const levels = { error: 'error', assert: 'error', warn: 'warning', debug: 'debug' };
  const storage = Cc['@mozilla.org/consoleAPI-storage;1'].getService(Ci.nsIConsoleAPIStorage);
  const ours = storage.getEvents().filter((one) => String(one.filename).startsWith(origin));
  return ours.map((one) => ({
    level: levels[one.level] ?? 'info',
    text: [...one.arguments].map(String).join(' '),
    source: one.filename,
  }));
}"""
"""What scripts of the extension wrote to the console in one process; each keeps its own."""
