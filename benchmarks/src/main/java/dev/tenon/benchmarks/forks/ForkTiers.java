package dev.tenon.benchmarks.forks;

import java.util.List;

/**
 * The kernel tiers of a fork.
 *
 * @param names the active tiers, best first, such as {@code vector512}
 * @param description a readable description of all tiers, several lines
 */
public record ForkTiers(List<String> names, String description) {
    /** The tiers of a fork that did not run Tenon. */
    public static final ForkTiers NONE = new ForkTiers(List.of(), "");
}
