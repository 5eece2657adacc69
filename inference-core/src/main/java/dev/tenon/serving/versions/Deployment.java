package dev.tenon.serving.versions;

import dev.tenon.Session;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.serving.Call;
import dev.tenon.serving.UnknownModelException;
import dev.tenon.serving.batch.Batcher;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The versions of one model, the one that serves, and the route. Immutable but for the counts of its route; a change
 * makes a new one, so that a call sees one state only.
 */
final class Deployment {
    /** The fractional part of the golden ratio: its multiples are spread evenly over the unit interval. */
    private static final double GOLDEN = 0.6180339887498949;
    /** Offset basis and prime of the hash function FNV-1a. */
    private static final long FNV_BASIS = 0xcbf29ce484222325L;

    private static final long FNV_PRIME = 0x100000001b3L;

    final String name;
    final Map<String, Version> versions;
    /** The version that serves, or null. */
    final String serving;
    /** The version to roll back to, or null. */
    final String previous;

    final Route route;
    /** The counts of the route. */
    final Traffic traffic;

    /** The version that all calls get; null if the route has several, or there is none. */
    private final String only;

    /**
     * A version that is loaded.
     *
     * @param session repeats calls of others, as a shadow
     * @param batcher takes calls
     */
    record Version(Session session, Batcher batcher) {}

    /** The counts while a route lasts, also when versions are loaded or dropped that are not in it. */
    static final class Traffic {
        /** Watches the canaries of the route; null if no rule does. */
        final CanaryWatch watch;
        /** Whether a shadow runs. */
        final AtomicBoolean shadowing = new AtomicBoolean();

        private final AtomicLong calls = new AtomicLong();
        private final AtomicLong shadowTurns = new AtomicLong();

        private Traffic(Route route, String serving) {
            watch = route == null || route.rules().isEmpty() ? null : new CanaryWatch(route.rules(), serving);
        }
    }

    private Deployment(String name, Map<String, Version> versions, String serving, String previous, Route route) {
        this(name, versions, serving, previous, route, new Traffic(route, serving));
    }

    private Deployment(
            String name, Map<String, Version> versions, String serving, String previous, Route route, Traffic traffic) {
        this.name = name;
        this.versions = versions;
        this.serving = serving;
        this.previous = previous;
        this.route = route;
        this.traffic = traffic;
        this.only = route == null || route.weights().size() != 1
                ? null
                : route.weights().keySet().iterator().next();
    }

    static Deployment empty(String name) {
        return new Deployment(name, Map.of(), null, null, null);
    }

    Version version(String version) {
        Version loaded = versions.get(version);
        if (loaded == null) {
            throw new UnknownModelException(
                    "version '" + version + "' of '" + name + "'",
                    "it is not loaded",
                    versions.keySet().toString(),
                    "load it");
        }
        return loaded;
    }

    Deployment with(String version, Version loaded) {
        if (versions.containsKey(version)) {
            throw new InvalidOptionException(
                    "Models.load",
                    "version '" + version + "' of '" + name + "' is loaded",
                    "a new name",
                    "unload it first");
        }
        Map<String, Version> more = new LinkedHashMap<>(versions);
        more.put(version, loaded);
        return new Deployment(name, more, serving, previous, route, traffic);
    }

    Deployment without(String version) {
        version(version);
        boolean routed = route != null
                && (route.weights().containsKey(version)
                        || route.shadow().map(s -> s.version().equals(version)).orElse(false));
        if (version.equals(serving) || routed) {
            throw new InvalidOptionException(
                    "Models.unload",
                    "version '" + version + "' of '" + name + "' is in use",
                    "versions that neither serve nor are in a route",
                    "promote or route to another one first");
        }
        String kept = version.equals(previous) ? null : previous;
        return new Deployment(name, less(version), serving, kept, route, traffic);
    }

    private Map<String, Version> less(String version) {
        Map<String, Version> less = new LinkedHashMap<>(versions);
        less.remove(version);
        return less;
    }

    /** Another version serves. The one before is kept for a rollback, the one before that is dropped. */
    Deployment promoted(String version) {
        version(version);
        if (version.equals(serving)) {
            return routed(Route.to(version));
        }
        boolean drop = previous != null && !previous.equals(version);
        return new Deployment(name, drop ? less(previous) : versions, version, serving, Route.to(version));
    }

    Deployment rolledBack() {
        if (previous == null) {
            throw new UnknownModelException(
                    "model '" + name + "'", "no version served before", "a version that was replaced", null);
        }
        return new Deployment(name, versions, /* serving= */ previous, /* previous= */ serving, Route.to(previous));
    }

    Deployment routed(Route to) {
        if (serving == null) {
            throw nothingServes();
        }
        to.weights().keySet().forEach(this::version);
        to.shadow().ifPresent(s -> version(s.version()));
        return new Deployment(name, versions, serving, previous, to);
    }

    UnknownModelException nothingServes() {
        return new UnknownModelException(
                "model '" + name + "'", "no version serves", null, "promote one of " + versions.keySet());
    }

    /** The version that a call gets. */
    String choose(Call call) {
        if (only != null) {
            return only;
        }
        if (route == null) {
            throw nothingServes();
        }
        Map<String, Integer> weights = route.weights();
        return route.isByKey() ? byKey(weights, call) : byTurn(weights);
    }

    private String byTurn(Map<String, Integer> weights) {
        long sum = 0;
        for (int weight : weights.values()) {
            sum += weight;
        }
        double place = traffic.calls.getAndIncrement() * GOLDEN % 1 * sum;
        String last = null;
        for (Map.Entry<String, Integer> e : weights.entrySet()) {
            place -= e.getValue();
            last = e.getValue() > 0 ? e.getKey() : last;
            if (place < 0) {
                return e.getKey();
            }
        }
        return last;
    }

    /** Weighted rendezvous hashing: the version with the largest {@code -weight / ln(hash)}. */
    private String byKey(Map<String, Integer> weights, Call call) {
        String key = call.key()
                .orElseThrow(() -> new InvalidOptionException(
                        "Call.key", "none", "a key, since the route of '" + name + "' is by key", "use Call.key"));
        String best = null;
        double highest = -1;
        for (Map.Entry<String, Integer> e : weights.entrySet()) {
            double score = -e.getValue() / Math.log(unit(key, e.getKey()));
            if (e.getValue() > 0 && (best == null || score > highest)) {
                best = e.getKey();
                highest = score;
            }
        }
        return best;
    }

    /** A number between 0 and 1, without both, that depends on two texts: FNV-1a, then the finalizer of MurmurHash3. */
    private static double unit(String key, String version) {
        long h = FNV_BASIS;
        for (int i = 0; i < key.length(); i++) {
            h = (h ^ key.charAt(i)) * FNV_PRIME;
        }
        h = (h ^ Character.MAX_VALUE) * FNV_PRIME;
        for (int i = 0; i < version.length(); i++) {
            h = (h ^ version.charAt(i)) * FNV_PRIME;
        }
        h = (h ^ h >>> 33) * 0xff51afd7ed558ccdL;
        h = (h ^ h >>> 33) * 0xc4ceb9fe1a85ec53L;
        h ^= h >>> 33;
        return ((h >>> 12) + 0.5) * 0x1p-52;
    }

    /** Whether the ends of calls matter to the route. */
    boolean isWatched() {
        return traffic.watch != null || route.shadow().isPresent();
    }

    /** Whether it is the turn of a shadow to repeat a call. */
    boolean isShadowTurn(Route.Shadow shadow) {
        return traffic.shadowTurns.getAndIncrement() * GOLDEN % 1 < shadow.share();
    }
}
