import Glibc
import PathFinding

@main struct Program {
    static func main() { exit(PathFinderService.run()) }
}
