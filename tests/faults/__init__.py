"""An installation of Provost that runs in processes of its own, for tests that do them harm."""
