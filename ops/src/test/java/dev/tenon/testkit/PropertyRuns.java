package dev.tenon.testkit;

import net.jqwik.api.lifecycle.AroundPropertyHook;
import net.jqwik.api.lifecycle.PropagationMode;
import net.jqwik.api.lifecycle.PropertyAttributes;
import net.jqwik.api.lifecycle.PropertyExecutionResult;
import net.jqwik.api.lifecycle.PropertyExecutor;
import net.jqwik.api.lifecycle.PropertyLifecycleContext;

/**
 * Sets the seed and the number of tries of properties. A usual build draws the same numbers in each run, so that a
 * property fails because of a change and not by chance. An {@linkplain Exhaustive exhaustive} run draws new numbers, and
 * {@value #TIMES} times as many. jqwik prints the seed of each property; {@code @Property(seed = "...")} draws the same
 * numbers again.
 */
public final class PropertyRuns implements AroundPropertyHook {
    private static final String SEED = "20251";
    private static final int TIMES = 10;

    /** The tries that jqwik gives a property that names no number. */
    private static final int DEFAULT_TRIES = 1000;

    /** A hook. jqwik finds it as a service. */
    public PropertyRuns() {}

    @Override
    public PropagationMode propagateTo() {
        return PropagationMode.ALL_DESCENDANTS;
    }

    @Override
    public PropertyExecutionResult aroundProperty(PropertyLifecycleContext context, PropertyExecutor property) {
        PropertyAttributes attributes = context.attributes();
        int tries = attributes.tries().orElse(DEFAULT_TRIES);
        boolean draws = tries > 1 && attributes.seed().isEmpty();
        if (draws && Exhaustive.isOn()) {
            attributes.setTries(tries * TIMES);
        } else if (draws) {
            attributes.setSeed(SEED);
        }
        return property.execute();
    }
}
