package dev.tenon.spark;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The sessions of an executor, which is a JVM: one for each file of a model, made by the first task that needs it and shared
 * by all others, however many run at a time. A run has one thread, since the tasks run beside each other.
 */
final class ExecutorSessions {
    private static final ConcurrentMap<Path, Session> SESSIONS = new ConcurrentHashMap<>();

    private ExecutorSessions() {}

    /** The session of the model in a file. */
    static Session of(Path file) {
        return SESSIONS.computeIfAbsent(
                file.toAbsolutePath().normalize(),
                f -> Model.load(f).session(SessionOptions.standard().threads(1)));
    }

    /** How many there are. */
    static int count() {
        return SESSIONS.size();
    }
}
