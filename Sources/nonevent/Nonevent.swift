@main struct Nonevent { static func main() { print("nonevent") } }
