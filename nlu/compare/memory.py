"""How much memory a process holds."""

from pathlib import Path


def resident_mb(pid: int | str = "self") -> float | None:
    """Resident memory of a process in MB (of 1,000,000 bytes); None where /proc does not say."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return None
    line = next((line for line in status.splitlines() if line.startswith("VmRSS:")), None)
    return int(line.split()[1]) * 1024 / 1_000_000 if line else None
