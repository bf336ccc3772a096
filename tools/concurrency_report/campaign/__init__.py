"""How often tools/regress is right: many runs of it where the answer is known."""
