"""What every part uses: files, interrupts, threads, parallel work, the cache of compiled code."""
