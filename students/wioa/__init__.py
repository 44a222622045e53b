"""The rules of WIOA as pure functions: facts in, decisions out, each with its reason and its source; no Django."""
