"""A trace as a page that shows it as a timeline: one file, opened without a network.

In: a trace in the Trace Event Format. Out: HTML with the trace in it, in which no text of the trace is ever markup.
"""

from pathlib import Path

_TEMPLATE = Path(__file__).with_name("timeline.html")
_PLACE = "{{trace}}"
# In a script element `</script` and `<!--` have a meaning; JSON may write any character as an escape.
_ESCAPES = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})


def timeline_page(trace: str) -> str:
    """The page of a trace."""
    return _TEMPLATE.read_text(encoding="utf-8").replace(_PLACE, trace.strip().translate(_ESCAPES))
