"""Speech to text, in a process of its own.

Whatever decodes somebody's recording is kept apart from everything that is worth stealing: a fresh
process for each note, without network, environment, files or inherited descriptors, within bounds
of time and memory (docs/voice.md).
"""
