"""What a YAML file of ours says, and where: text → events → a tree in which every node knows its place."""
