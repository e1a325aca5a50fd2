"""congdanso: a chat assistant that helps rural citizens of Vietnam become digital citizens."""
