# The standard's administrative commands and error texts.

10 protocol_version
#? [2]

20 name
#? [goengine]

30 known_command genmove
#? [true]

40 known_command nonsense
#? [false]

50 list_commands
#? [(?s).*genmove.*]

boardsize 19
clear_board
komi 6.5

60 fixed_handicap 4
#? [D4 Q16 D16 Q4]

clear_board
