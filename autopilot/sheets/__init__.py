"""Tables that people upload, CSV and XLSX, read in a process of their own; `desk` is the door."""
