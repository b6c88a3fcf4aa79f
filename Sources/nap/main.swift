print("nap")
