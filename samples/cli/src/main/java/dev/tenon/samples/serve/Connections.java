package dev.tenon.samples.serve;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The connections of a server, by what they wait for. It bounds their number and the time that each may wait for its client.
 * Safe for any number of threads.
 */
final class Connections {
    /** The work that a connection does. */
    enum Phase {
        /** It waits for another request. */
        IDLE,
        /** Its answer is sent, and what the client still sends is passed over, so that the answer is not lost. */
        LINGER,
        /** It waits for its first request, or for headers. */
        HEAD,
        /** It waits for a body. */
        BODY,
        /** The server works. No client makes this longer, and it is never given up. */
        WORK,
        /** The client takes an answer. */
        ANSWER
    }

    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final HttpLimits limits;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition isEmpty = lock.newCondition();

    /** The time at which each connection began its phase, those that began first at first. */
    private final Map<Phase, LinkedHashMap<HttpConnection, Long>> waiting = new EnumMap<>(Phase.class);

    private final Map<HttpConnection, Phase> phases = new HashMap<>();
    private boolean stopping;

    Connections(HttpLimits limits) {
        this.limits = limits;
        for (Phase phase : Phase.values()) {
            waiting.put(phase, new LinkedHashMap<>());
        }
    }

    /** The most nanoseconds in a phase. The deadlines of predictions bound the work. */
    private long nanos(Phase phase) {
        return switch (phase) {
            case IDLE -> limits.idleTime().toNanos();
            case LINGER -> LINGER_NANOS;
            case HEAD -> limits.headTime().toNanos();
            case BODY -> limits.bodyTime().toNanos();
            case WORK -> Long.MAX_VALUE;
            case ANSWER -> limits.answerTime().toNanos();
        };
    }

    /** Adds a new connection. If there are too many, another one is closed; false if none can be. */
    boolean add(HttpConnection connection) {
        lock.lock();
        try {
            if (stopping || phases.size() >= limits.connections() && !giveUpOne()) {
                return false;
            }
            put(connection, Phase.HEAD);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Closes the connection that has waited longest for its client: among those that wait for a body if these are more than half,
     * else among the others. So neither kind keeps out the other one.
     */
    private boolean giveUpOne() {
        Map.Entry<HttpConnection, Long> longest = null;
        int others = 0;
        for (Phase phase : List.of(Phase.IDLE, Phase.LINGER, Phase.HEAD)) {
            Map.Entry<HttpConnection, Long> first = waiting.get(phase).firstEntry();
            if (longest == null || first != null && first.getValue() - longest.getValue() < 0) {
                longest = first;
            }
            others += waiting.get(phase).size();
        }
        if (waiting.get(Phase.BODY).size() > others) {
            longest = waiting.get(Phase.BODY).firstEntry();
        }
        if (longest == null) {
            return false;
        }
        drop(longest.getKey());
        longest.getKey().close();
        return true;
    }

    private void put(HttpConnection connection, Phase phase) {
        phases.put(connection, phase);
        waiting.get(phase).put(connection, System.nanoTime());
    }

    private void drop(HttpConnection connection) {
        Phase phase = phases.remove(connection);
        if (phase != null) {
            waiting.get(phase).remove(connection);
        }
        if (phases.isEmpty()) {
            isEmpty.signalAll();
        }
    }

    /** A connection begins a phase. False if it was given up, or is idle while the server stops. */
    boolean enter(HttpConnection connection, Phase phase) {
        lock.lock();
        try {
            if (!phases.containsKey(connection) || stopping && phase == Phase.IDLE) {
                return false;
            }
            waiting.get(phases.get(connection)).remove(connection);
            put(connection, phase);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Forgets a connection that has ended. */
    void remove(HttpConnection connection) {
        lock.lock();
        try {
            drop(connection);
        } finally {
            lock.unlock();
        }
    }

    /** Ends what takes too long: requests that do not arrive are answered, other connections are closed. */
    void expire() {
        List<HttpConnection> slow = new ArrayList<>();
        List<HttpConnection> others = new ArrayList<>();
        lock.lock();
        try {
            long now = System.nanoTime();
            for (Phase phase : Phase.values()) {
                for (Map.Entry<HttpConnection, Long> entry : waiting.get(phase).entrySet()) {
                    if (now - entry.getValue() <= nanos(phase)) {
                        break;
                    }
                    (phase == Phase.HEAD || phase == Phase.BODY ? slow : others).add(entry.getKey());
                }
            }
            for (HttpConnection connection : slow) {
                // It is answered now, or closed if that takes too long, too.
                enter(connection, Phase.ANSWER);
            }
            others.forEach(this::drop);
        } finally {
            lock.unlock();
        }
        slow.forEach(HttpConnection::expire);
        others.forEach(HttpConnection::close);
    }

    /**
     * Closes connections that are idle, and waits until the others have ended, at most some time. Those that have not are
     * closed.
     */
    void stop(Duration most) {
        List<HttpConnection> closed = new ArrayList<>();
        lock.lock();
        try {
            stopping = true;
            for (Phase phase : List.of(Phase.IDLE, Phase.LINGER, Phase.HEAD)) {
                closed.addAll(waiting.get(phase).keySet());
            }
            closed.forEach(HttpConnection::close);
            closed.clear();
            long left = most.toNanos();
            while (!phases.isEmpty() && left > 0) {
                left = isEmpty.awaitNanos(left);
            }
            closed.addAll(phases.keySet());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed.addAll(phases.keySet());
        } finally {
            lock.unlock();
        }
        closed.forEach(HttpConnection::close);
    }

    /** The number of connections. */
    int count() {
        lock.lock();
        try {
            return phases.size();
        } finally {
            lock.unlock();
        }
    }

    /** The number of connections in a phase. */
    int count(Phase phase) {
        lock.lock();
        try {
            return waiting.get(phase).size();
        } finally {
            lock.unlock();
        }
    }

    /** The nanoseconds between two looks for what takes too long: a tenth of the shortest limit, at most a tenth of a second. */
    long lookNanos() {
        long shortest = TimeUnit.SECONDS.toNanos(1);
        for (Phase phase : Phase.values()) {
            shortest = Math.min(shortest, nanos(phase));
        }
        return Math.max(shortest / 10, TimeUnit.MILLISECONDS.toNanos(1));
    }
}
