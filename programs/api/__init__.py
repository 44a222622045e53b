"""Programs over the API: one module for each subject, with the same checks and services as every other door."""
