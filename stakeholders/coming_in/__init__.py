"""How somebody comes in: by code, password, passkey or a provider, with a second step, at what pace, and for how long."""
