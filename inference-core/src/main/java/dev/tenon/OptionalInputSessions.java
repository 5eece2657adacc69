package dev.tenon;

import dev.tenon.tune.Tuner;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * The sessions for calls that give inputs which have a value in the file: one for each set of such inputs that calls
 * have given, the least recently used of them given up when there are many. Safe for any number of threads.
 */
final class OptionalInputSessions {
    private static final int MOST = 8;

    private final Model model;
    private final SessionOptions options;
    private final Tuner tuner;
    private final Map<Set<String>, Session> sessions = new LinkedHashMap<>(MOST, 0.75f, true);

    OptionalInputSessions(Model model, SessionOptions options, Tuner tuner) {
        this.model = model;
        this.options = options;
        this.tuner = tuner;
    }

    /** The session for the inputs of a call; null if it gives no optional one. */
    Session forCall(Map<String, ?> inputs) {
        if (model.optionalInputs().isEmpty() || inputs.size() == 0) {
            return null;
        }
        Set<String> given = new LinkedHashSet<>();
        for (ValueInfo info : model.optionalInputs()) {
            if (inputs.containsKey(info.name())) {
                given.add(info.name());
            }
        }
        return given.isEmpty() ? null : session(given);
    }

    private synchronized Session session(Set<String> given) {
        Session known = sessions.get(given);
        if (known == null) {
            known = new Session(model.given(given), options, tuner);
            sessions.put(given, known);
            if (sessions.size() > MOST) {
                sessions.remove(sessions.keySet().iterator().next());
            }
        }
        return known;
    }
}
