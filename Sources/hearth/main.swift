import HearthServer
print("hearth")
