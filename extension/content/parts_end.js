/* global sharewiseParts */

// All parts before this one have run.
sharewiseParts().arrive();
