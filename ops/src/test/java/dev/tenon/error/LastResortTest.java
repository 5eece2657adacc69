package dev.tenon.error;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LastResortTest {
    /** It may be thrown by any number of calls, and keeps nothing of any of them. */
    @Test
    void anErrorThatIsMadeBeforehandKeepsNothing() {
        ResourceLimitException e =
                ResourceLimitException.lastResort("Tenon", "more memory than there is", null, "raise -Xmx");
        e.addSuppressed(new IllegalStateException("the end of a try-with-resources statement"));
        assertThat(e.getSuppressed()).isEmpty();
        assertThat(e.getStackTrace()).isEmpty();
        assertThat(e).hasMessage("Tenon: more memory than there is; raise -Xmx").hasNoCause();
    }
}
