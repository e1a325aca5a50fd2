"""The guides: what citizens are told, read from content/ and checked before it is used."""
