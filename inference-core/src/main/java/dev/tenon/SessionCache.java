package dev.tenon;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Sessions that are made when they are first needed, each for a set of names. Above a number of sessions the least
 * recently used one is dropped. Safe for any number of threads; a thread waits while another one makes a session.
 */
final class SessionCache {
    private static final int MAX_SESSIONS = 8;

    private final Function<Set<String>, Session> maker;
    private final Map<Set<String>, Session> sessions = new LinkedHashMap<>(MAX_SESSIONS, 0.75f, true);

    /**
     * An empty cache.
     *
     * @param maker makes the session for a set of names
     */
    SessionCache(Function<Set<String>, Session> maker) {
        this.maker = maker;
    }

    /** Does something with each session that was made and not dropped. */
    void forEach(Consumer<Session> action) {
        List<Session> all;
        synchronized (this) {
            all = List.copyOf(sessions.values());
        }
        all.forEach(action);
    }

    /** The session for a set of names, made now if there is none. */
    synchronized Session get(Set<String> names) {
        Session session = sessions.get(names);
        if (session == null) {
            session = maker.apply(names);
            sessions.put(names, session);
            if (sessions.size() > MAX_SESSIONS) {
                sessions.remove(sessions.keySet().iterator().next());
            }
        }
        return session;
    }
}
