"""Tests of MOUs."""
