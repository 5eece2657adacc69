package dev.tenon.error;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TenonExceptionTest {
    @Test
    void theMessageNamesAllFour() {
        Throwable cause = new IllegalStateException("underneath");
        TenonException e = new InvalidTensorException("thing", "found", "this", "do that", cause);
        assertThat(e).hasMessage("thing: found; allowed this; do that").hasCause(cause);
        assertThat(e.thing()).isEqualTo("thing");
        assertThat(e.found()).isEqualTo("found");
        assertThat(e.allowed()).isEqualTo("this");
        assertThat(e.cure()).isEqualTo("do that");
    }

    @Test
    void whatIsNullIsLeftOut() {
        assertThat(new ResourceLimitException("thing", "need", null, null)).hasMessage("thing: need");
        assertThat(new ResourceLimitException("thing", "need", "limit", null)).hasMessage("thing: need; allowed limit");
        assertThat(new ResourceLimitException("thing", "need", null, "flag", null))
                .hasMessage("thing: need; flag");
    }
}
