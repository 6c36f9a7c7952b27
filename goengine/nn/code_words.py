"""The digits as pictures of 7x12 points, which LeNet-5's output units compare their input with.

LeCun et al., "Gradient-Based Learning Applied to Document Recognition" (1998), section II.B: digits that look
alike have code words that are near each other. The paper's own pictures, figure 3, are stylised print; these
are drawn after the same idea.
"""

import numpy as np
from numpy.typing import NDArray

HEIGHT, WIDTH = 12, 7

_PICTURES = """
.......  .......  .......  .......  .......  .......  .......  .......  .......  .......
..###..  ...##..  .#####.  .#####.  ....##.  ######.  ..####.  #######  .#####.  .#####.
.##.##.  ..###..  ##...##  ##...##  ...###.  ##.....  .##....  .....##  ##...##  ##...##
##...##  .####..  .....##  .....##  ..####.  ##.....  ##.....  .....##  ##...##  ##...##
##...##  ...##..  .....##  .....##  .##.##.  ##.....  ##.....  ....##.  ##...##  ##...##
##...##  ...##..  ....##.  ..####.  ##..##.  #####..  ######.  ....##.  .#####.  ##...##
##...##  ...##..  ...##..  .....##  #######  ....##.  ##...##  ...##..  ##...##  .######
##...##  ...##..  ..##...  .....##  ....##.  .....##  ##...##  ...##..  ##...##  .....##
##...##  ...##..  .##....  .....##  ....##.  .....##  ##...##  ..##...  ##...##  .....##
.##.##.  ...##..  ##.....  ##...##  ....##.  ##...##  ##...##  ..##...  ##...##  ....##.
..###..  .######  #######  .#####.  ....##.  .#####.  .#####.  ..##...  .#####.  .####..
.......  .......  .......  .......  .......  .......  .......  .......  .......  .......
"""


def digit_code_words() -> NDArray[np.float32]:
    """float32 [10, 84]: 1 where a digit's picture is black and -1 elsewhere, row by row."""
    rows = [line.split() for line in _PICTURES.strip().splitlines()]
    pictures = np.array([[list(row[digit]) for row in rows] for digit in range(10)])
    return np.where(pictures == "#", 1, -1).reshape(10, HEIGHT * WIDTH).astype(np.float32)
