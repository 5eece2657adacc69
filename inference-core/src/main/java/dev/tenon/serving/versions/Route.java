package dev.tenon.serving.versions;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.serving.Call;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which version of a model a call gets: one, one of several by weight, or one that another version shadows. Immutable.
 *
 * <pre>{@code
 * Route canary = Route.weighted(Map.of("6", 95, "7", 5)).byKey().abortIf(Route.errorRate(0.01), Route.p99Ratio(1.5));
 * }</pre>
 */
public final class Route {
    /** When a canary is given up: all calls then get the version that served before. */
    public sealed interface Rule permits ErrorRate, P99Ratio {}

    /**
     * The share of calls that fail is above a limit, as far as it is certain: the lower end of an interval of three
     * deviations. Invalid inputs, cancelled and interrupted calls do not count as failures.
     *
     * @param most the limit, 0 to 1
     */
    public record ErrorRate(double most) implements Rule {
        /** Checks the limit. */
        public ErrorRate {
            if (!(most >= 0 && most <= 1)) {
                throw new InvalidOptionException("Route.errorRate", Double.toString(most), "0 to 1", null);
            }
        }
    }

    /**
     * The 99th percentile of latency is above a multiple of that of the version that serves, as far as it is certain.
     * Both need a thousand calls first.
     *
     * @param most the multiple, at least 1
     */
    public record P99Ratio(double most) implements Rule {
        /** Checks the multiple. */
        public P99Ratio {
            if (!(most >= 1)) {
                throw new InvalidOptionException("Route.p99Ratio", Double.toString(most), "1 or more", null);
            }
        }
    }

    /**
     * A version that repeats calls of another one.
     *
     * @param version the shadow
     * @param share the share of calls that are repeated, 0 to 1
     * @param compare how outputs are compared
     */
    public record Shadow(String version, double share, Compare compare) {
        /** Checks the share. */
        public Shadow {
            if (!(share >= 0 && share <= 1)) {
                throw new InvalidOptionException("Route.shadow", "a share of " + share, "0 to 1", null);
            }
            Objects.requireNonNull(version, "version");
            Objects.requireNonNull(compare, "compare");
        }
    }

    private final Map<String, Integer> weights;
    private final boolean byKey;
    private final List<Rule> rules;
    private final Shadow shadow;

    private Route(Map<String, Integer> weights, boolean byKey, List<Rule> rules, Shadow shadow) {
        this.weights = weights;
        this.byKey = byKey;
        this.rules = rules;
        this.shadow = shadow;
    }

    /**
     * All calls get one version.
     *
     * @param version the version
     * @return the route
     */
    public static Route to(String version) {
        return new Route(Map.of(version, 1), false, List.of(), null);
    }

    /**
     * Calls get versions by weight.
     *
     * @param weights a weight for each version, at least 0; not all 0
     * @return the route
     * @throws InvalidOptionException if a weight is negative, or all are 0
     */
    public static Route weighted(Map<String, Integer> weights) {
        long sum = 0;
        for (int weight : weights.values()) {
            if (weight < 0) {
                throw new InvalidOptionException("Route.weighted", weights.toString(), "weights of 0 or more", null);
            }
            sum += weight;
        }
        if (sum == 0) {
            throw new InvalidOptionException("Route.weighted", weights.toString(), "a weight above 0", null);
        }
        return new Route(Collections.unmodifiableMap(new TreeMap<>(weights)), false, List.of(), null);
    }

    /**
     * All calls get one version. Another one repeats some of them, when slots of both are idle: its outputs are compared
     * and reported, and never returned. It stops when calls wait.
     *
     * @param version the version that callers get
     * @param shadow the version that repeats calls
     * @param share the share of calls that are repeated, 0 to 1
     * @param compare how outputs are compared
     * @return the route
     * @throws InvalidOptionException if the share is not in its range
     */
    public static Route shadow(String version, String shadow, double share, Compare compare) {
        return new Route(Map.of(version, 1), false, List.of(), new Shadow(shadow, share, compare));
    }

    /**
     * Chooses by {@link Call#key(String)}: calls with the same key get the same version. When the weight of a version
     * grows, keys move to it, and none moves between the others.
     *
     * @return a new route
     */
    public Route byKey() {
        return new Route(weights, true, rules, shadow);
    }

    /**
     * Gives up versions that do worse than the one that serves.
     *
     * @param when rules; one is enough
     * @return a new route
     */
    public Route abortIf(Rule... when) {
        List<Rule> all = new ArrayList<>(rules);
        all.addAll(List.of(when));
        return new Route(weights, byKey, List.copyOf(all), shadow);
    }

    /**
     * A rule for {@link #abortIf}.
     *
     * @param most the limit, 0 to 1
     * @return the rule
     * @throws InvalidOptionException if the limit is not in its range
     */
    public static Rule errorRate(double most) {
        return new ErrorRate(most);
    }

    /**
     * A rule for {@link #abortIf}.
     *
     * @param most the multiple, at least 1
     * @return the rule
     * @throws InvalidOptionException if the multiple is less than 1
     */
    public static Rule p99Ratio(double most) {
        return new P99Ratio(most);
    }

    /** {@return the weight of each version that callers may get} */
    public Map<String, Integer> weights() {
        return weights;
    }

    /** {@return whether the key of a call decides} */
    public boolean isByKey() {
        return byKey;
    }

    /** {@return when versions are given up} */
    public List<Rule> rules() {
        return rules;
    }

    /** {@return the version that repeats calls, empty for none} */
    public Optional<Shadow> shadow() {
        return Optional.ofNullable(shadow);
    }

    @Override
    public String toString() {
        return weights + (byKey ? " by key" : "") + (shadow == null ? "" : ", shadow " + shadow.version());
    }
}
