import CFaults
import Glibc
import PathFinding

/// sandbox-finder, as the tests link it: see CFaults.h.
@main struct FaultyFinder {
    static func main() {
        cf_is_finder()
        exit(PathFinderService.run())
    }
}
