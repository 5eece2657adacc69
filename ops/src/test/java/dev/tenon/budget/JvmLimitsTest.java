package dev.tenon.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.ResourceLimitException;
import java.util.List;
import org.junit.jupiter.api.Test;

class JvmLimitsTest {
    private static int depth(int level) {
        return level == Integer.MAX_VALUE ? 0 : depth(level + 1) + 1;
    }

    @Test
    void errorsOfTheJvmAreTyped() {
        assertThatThrownBy(() -> JvmLimits.typed("text", "shorten it", () -> new long[Integer.MAX_VALUE - 2]))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageStartingWith("text: more memory than there is; allowed a heap of ")
                .hasMessageEndingWith("; shorten it")
                .hasCauseInstanceOf(OutOfMemoryError.class);
        assertThatThrownBy(() -> JvmLimits.typed("text", "shorten it", () -> depth(0)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("raise -Xss")
                .hasCauseInstanceOf(StackOverflowError.class);
        assertThatThrownBy(() -> JvmLimits.typed("text", "shorten it", () -> {
                    throw new NoClassDefFoundError("Could not initialize class a.B");
                }))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("restart the JVM");
    }

    @Test
    void resultsAndOtherErrorsPass() {
        assertThat(JvmLimits.typed("text", "shorten it", () -> List.of(1))).containsExactly(1);
        assertThatThrownBy(() -> JvmLimits.typed("text", "shorten it", () -> {
                    throw new AssertionError("mine");
                }))
                .isInstanceOf(AssertionError.class);
        LinkageError clash = new NoSuchMethodError("a.B.c()");
        assertThatThrownBy(() -> JvmLimits.typed("text", "shorten it", () -> {
                    throw clash;
                }))
                .isSameAs(clash);
    }
}
