// PolicyText
