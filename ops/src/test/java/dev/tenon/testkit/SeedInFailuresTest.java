package dev.tenon.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

class SeedInFailuresTest {
    private final SeedInFailures extension = new SeedInFailures(77);

    @Test
    void failuresTellTheSeed() {
        RuntimeException failure = new IllegalStateException("no kernel");
        assertThatThrownBy(() -> extension.handleTestExecutionException(null, failure))
                .isInstanceOf(AssertionError.class)
                .hasMessage("seed 77: no kernel")
                .hasCause(failure);
    }

    @Test
    void abortedTestsStayAborted() {
        TestAbortedException aborted = new TestAbortedException("not here");
        assertThatThrownBy(() -> extension.handleTestExecutionException(null, aborted))
                .isSameAs(aborted);
    }
}
