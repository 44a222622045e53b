"""Bits of ISO 32000-1: of fields (tables 221, 226, 228 and 230), of annotations (table 165), of signatures (table 219)."""

READ_ONLY = 1 << 0
REQUIRED = 1 << 1

MULTILINE = 1 << 12
PASSWORD = 1 << 13
FILE_SELECT = 1 << 20
COMB = 1 << 24

RADIO = 1 << 15
PUSH_BUTTON = 1 << 16
UNISON = 1 << 25

COMBO = 1 << 17
EDIT = 1 << 18
MULTI_SELECT = 1 << 21

HIDDEN = 1 << 1
NO_VIEW = 1 << 5

SIGNATURES_EXIST = 1 << 0
