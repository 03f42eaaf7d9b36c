// PathFinding
