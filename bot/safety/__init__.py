"""Safety: hiding secrets that people type before anything is stored or read by staff."""
