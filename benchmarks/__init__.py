"""What Provost costs and survives, measured: each script says how it is run."""
