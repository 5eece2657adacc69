package dev.tenon.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.ResourceLimitException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SpareMemoryTest {
    private static final long MORE_THAN_THERE_IS = 1L << 50;

    @Test
    void spareMemoryIsGivenBackBeforeACallFails() {
        AtomicInteger asked = new AtomicInteger();
        SpareMemory.Holder holder = () -> {
            asked.incrementAndGet();
            return false;
        };
        SpareMemory.add(holder);
        assertThat(NativeMemory.take("a little", 64).byteSize()).isEqualTo(64);
        assertThat(asked).hasValue(0);
        assertThatThrownBy(() -> NativeMemory.take("a test", MORE_THAN_THERE_IS))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("a test");
        assertThat(asked).hasValue(1);
    }
}
