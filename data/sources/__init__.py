"""Where games come from: folders, SGF files and archives, and which of them are taken."""
