"""Pictures of boards and networks, charts, contact sheets, and report pages."""
