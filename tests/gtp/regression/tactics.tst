# Rules, ladders and the status of stones on small problems.

boardsize 19
clear_board

# The network plays a usual opening move: a corner, an approach or an enclosure, on the third or fourth line.
gogui-play_sequence b q16 w d4 b q4 w d16

10 reg_genmove b
#? [[CDEFGOPQR](3|4|5|6|14|15|16|17)]

20 goengine-top_moves
#? [([A-HJ-T][0-9]+ [0-9.]+ ?){10}]

clear_board

# A ladder: Black captures the stone at E5 with an atari from either of two sides.
gogui-setup w e5 b d5 b e4 b f4 b d6
gogui-setup_player b

30 goengine-ladders
#? [(?s)TRIANGLE .*]

clear_board

# A lone stone in the corner of a wall is dead.
gogui-play_sequence b a3 b b3 b c3 b c2 b c1 w b1 b e5 b e6 b e7

40 final_status_list dead
#? [B1]

50 final_status_list seki
#? []

60 final_status_list alive
#? [(?s).*C1.*]

clear_board

# Simple ko: White may not recapture at once.
gogui-play_sequence b d5 b c4 b d3 w e5 w f4 w e3 w d4 b e4

70 known_command play
#? [true]

80 gogui-play_sequence w d4
#? [illegal move]*
