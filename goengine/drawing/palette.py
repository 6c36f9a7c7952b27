"""The colours of all pictures."""

# Boards
WOOD = "#e8c37d"
LINES = "#5b4a2a"
BLACK_STONE, WHITE_STONE, STONE_EDGE = "#111111", "#fafafa", "#333333"
OFF_BOARD = "#b9b2a5"
MARK = "#c1121f"  # the move that a picture is about
PROBABILITY = "#0b6e3a"
FREQUENCY = "#9b1c1c"

# Charts
FIRST, SECOND = "#1f5fa8", "#d9742b"  # series
BACKGROUND = "#9aa5b1"  # a series that others are compared with
SEQUENTIAL, SHADES = (
    "viridis",
    "Blues",
)  # matplotlib's colour maps for values, and for values with text on them

# Networks
INPUT, CONVOLUTION, POOLING, DENSE, OTHER_LAYER = "#b8b8b8", "#5b8fc7", "#e0a458", "#6aa772", "#c9b6d8"

# Pages and forms
TEXT, PAPER = "#222222", "#ffffff"
FORM, EDGE = "#f3f3f3", "#999999"
