print("topictee")
