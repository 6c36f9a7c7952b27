"""Pictures: boards, charts, contact sheets, and the pages of reports."""
