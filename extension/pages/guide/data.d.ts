/** The guide's data files. */

export type Audience = "adult" | "minor";
/** A line for everybody, or for one audience only. */
export type Line = string | { text: string; for: Audience };

export interface Part {
  id: string;
  title: string;
  text?: string[];
  why?: string;
  do?: Line[];
  do_not?: Line[];
  list?: Line[];
  tool?: string | Line[];
}

export interface Plan {
  language: string;
  opening: { title: string; text: string[] };
  steps: Part[];
  sections: Part[];
  closing: string;
}

export interface Emergency {
  /** Day, ISO 8601. */
  checked: string;
  numbers: { country: string; number: string; is_verified: boolean; source: string | null }[];
}

export interface Contact {
  id: string;
  name: string;
  /** ISO 3166, "EU" or "INT". */
  country: string;
  audience: "any" | Audience;
  category: string;
  what_it_does: string;
  url: string;
  phone: string | null;
  hours: string | null;
  languages: string[];
  other_contacts: string | null;
  cautions: string | null;
  date_seen: string;
  unverified_fields: string[];
  source: string[];
}
