"""Fakes of outside services, run on loopback by the tests."""
