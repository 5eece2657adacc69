package dev.tenon.benchmarks;

import java.util.List;

/**
 * The tiers of kernels that a fork had.
 *
 * @param names those that were active, best first, such as {@code vector512}
 * @param description all of them for people, several lines
 */
record ForkTiers(List<String> names, String description) {
    /** What is known where this library was not measured. */
    static final ForkTiers NONE = new ForkTiers(List.of(), "");
}
