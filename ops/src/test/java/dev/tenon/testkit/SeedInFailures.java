package dev.tenon.testkit;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

/** Puts the seed of a test's random numbers into the message of any failure. Registered with {@code @RegisterExtension}. */
public final class SeedInFailures implements TestExecutionExceptionHandler {
    private final long seed;

    /**
     * An extension.
     *
     * @param seed the seed of the test instance
     */
    public SeedInFailures(long seed) {
        this.seed = seed;
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        if (failure instanceof TestAbortedException) {
            throw failure;
        }
        throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
    }
}
