/** Hands a file that the person chose to the program, in pieces. */

import { PART_BYTES } from "../../generated/wire.js";
import { ask } from "../../shared/ask.js";
import { toBase64 } from "../../shared/base64.js";

/**
 * Whoever takes the file ends the intake; if that fails, it is given up here.
 * @template T
 * @param {File} file
 * @param {(share: number) => void} tell how much has gone, 0 to 1
 * @param {(intakeId: string) => Promise<T>} take
 * @returns {Promise<T>}
 */
export async function handIn(file, tell, take) {
  const { intake_id } = await ask("intake.begin", { size_bytes: file.size });
  try {
    let sequence = 0;
    for (let at = 0; at < file.size; at += PART_BYTES) {
      const bytes = new Uint8Array(await file.slice(at, at + PART_BYTES).arrayBuffer());
      await ask("intake.part", { intake_id, sequence, data: toBase64(bytes) });
      sequence += 1;
      tell(Math.min(1, (at + PART_BYTES) / file.size));
    }
    return await take(intake_id);
  } catch (thrown) {
    await ask("intake.cancel", { intake_id }).catch(() => undefined);
    throw thrown;
  }
}
