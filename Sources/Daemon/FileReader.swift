import Descriptors
import EventLoop
import Kernel
import PathFinding

/// A path finder that answered, and can still read what it found: with the caller's credentials, while the launch goes on. Whatever a file
/// system does to it, the daemon waits for nobody.
final class FileReader {
    /// Nanoseconds that reading may take.
    static let deadline: UInt64 = 3_000_000_000

    private let loop: EventLoop
    private let socket: OwnedDescriptor
    private var process: StartedProcess?
    private var registration: Registration?
    private var timer: TimerToken?
    private var finish: (([FileReading]) -> Void)?
    private var count = 0

    init(_ process: consuming StartedProcess, _ socket: consuming OwnedDescriptor, _ loop: EventLoop) {
        self.loop = loop
        self.socket = socket
        self.process = consume process
    }

    deinit { end() }

    /// Asks for the files behind these places of the finder's descriptors. `finish` is called once, from the loop, with as many answers.
    func read(_ places: [Int], finish: @escaping ([FileReading]) -> Void) {
        self.finish = finish
        count = places.count
        do throws(Errno) {
            try PathFinderClient.ask(toRead: places, over: socket)
            registration = try loop.register(socket.number, for: .readable) { [weak self] _ in self?.receive() }
            timer = loop.after(nanoseconds: Self.deadline) { [weak self] in
                self?.timer = nil
                self?.settle(nil, "not read in time")
            }
        } catch {
            timer = loop.after(nanoseconds: 0) { [weak self] in
                self?.timer = nil
                self?.settle(nil, error.name)
            }
        }
    }

    private func receive() {
        do throws(Errno) {
            guard let readings = try PathFinderClient.readings(count, from: socket) else { return }
            settle(readings, "")
        } catch {
            settle(nil, "whoever read it has ended")
        }
    }

    private func settle(_ readings: [FileReading]?, _ why: String) {
        end()
        guard let finish else { return }
        self.finish = nil
        finish(readings ?? [FileReading](repeating: .unread(why), count: count))
    }

    private func end() {
        if let registration { loop.remove(registration) }
        registration = nil
        if let timer { loop.cancel(timer) }
        timer = nil
        if let ended = process.take() { KilledProcess.end(ended, in: loop) }
    }
}
