"""The REST API of the ground floor: jobs, checkpoints, workers, kinds, figures, and the pump's door."""
